import BoardProtocols
import Crypto

extension SMPServerModel {
    mutating func handleImage(_ request: SMPMessage) throws(SMPRefusal) -> Outcome {
        switch (request.command, request.operation) {
        case (SMPGroup.Image.state, .read): return Outcome([list()])
        case (SMPGroup.Image.state, .write) where mode == .application: return try setState(request.body)
        case (SMPGroup.Image.upload, .write): return try takePiece(request.body)
        case (SMPGroup.Image.erase, .write) where mode == .application: return try eraseSpare(request.body)
        default: throw .notSupported
        }
    }

    /// Serial recovery lists images whose hash it has checked; an application believes the TLV.
    private func list() -> CBOR.Entry {
        var items: [CBOR] = []
        for (number, slot) in slots.enumerated() {
            guard let image = mode == .recovery ? slot.validImage(in: flash) : slot.image(in: flash) else { continue }
            var entries: [CBOR.Entry] = [.init("slot", .integer(Int64(number)))]
            entries.append(.init("version", .text("\(image.version)")))
            if listsHashes, let hash = image.hash { entries.append(.init("hash", .bytes(hash))) }
            if mode == .application {
                let isActive = number == 0
                entries += [
                    .init("bootable", .bool(true)), .init("pending", .bool(!isActive && pending != nil)),
                    .init("confirmed", .bool(isActive && isConfirmed)), .init("active", .bool(isActive)),
                    .init("permanent", .bool(!isActive && pending == true)),
                ]
            }
            items.append(.map(entries))
        }
        return .init("images", .array(items))
    }

    private mutating func setState(_ body: CBOR) throws(SMPRefusal) -> Outcome {
        let confirm = body["confirm"]?.bool ?? false
        let hash = body["hash"]?.bytes
        func lies(in slot: Int) -> Bool { hash != nil && slots[slot].image(in: flash)?.hash == hash }
        if hash == nil || lies(in: 0) {
            guard hash != nil || confirm else { throw SMPRefusal(group: SMPGroup.image, code: 24) }
            guard confirm else { throw SMPRefusal(group: SMPGroup.image, code: 33) }
            isConfirmed = true
        } else if lies(in: 1) {
            pending = confirm
        } else {
            throw SMPRefusal(group: SMPGroup.image, code: 8)
        }
        return Outcome([list()])
    }

    private func eraseSpare(_ body: CBOR) throws(SMPRefusal) -> Outcome {
        guard body["slot"]?.integer ?? 1 == 1, pending == nil else { throw SMPRefusal(group: SMPGroup.image, code: 9) }
        _ = flash.erase(slots[1].offset, slots[1].size)
        return Outcome()
    }

    private mutating func takePiece(_ body: CBOR) throws(SMPRefusal) -> Outcome {
        guard let offset = body["off"]?.integer, let data = body["data"]?.bytes else { throw .invalid }
        var delay = Duration.zero
        if offset == 0 {
            if try begin(body) { delay = faults.firstAnswer }
        }
        guard var upload else { throw .invalid }
        // A piece from another place is no error: the answer says which one is wanted.
        if offset == upload.offset {
            guard offset + data.count <= upload.length else { throw SMPRefusal(group: SMPGroup.image, code: 31) }
            store(data, at: offset, in: upload.slot)
            upload.offset += data.count
        }
        if !faults.wrongOffsets.isEmpty, upload.offset < upload.length {
            upload.offset = min(faults.wrongOffsets.removeFirst(), upload.offset)
        }
        self.upload = upload
        var answer: [CBOR.Entry] = [.init("off", .integer(Int64(upload.offset)))]
        if upload.offset == upload.length {
            if checksUploads {
                let stored = flash.read(upload.slot.offset, upload.length)
                answer.append(.init("match", .bool(Array(SHA256.hash(data: stored)) == upload.sha256)))
            }
            self.upload = nil
        }
        return Outcome(answer, delay: delay)
    }

    /// Starts an upload, or finds the broken one to go on with.
    /// - Returns: true where the slot was erased.
    private mutating func begin(_ body: CBOR) throws(SMPRefusal) -> Bool {
        guard let length = body["len"]?.integer, length > 0 else { throw .invalid }
        let sha256 = body["sha"]?.bytes ?? []
        if resumesUploads, let upload, !sha256.isEmpty, upload.sha256 == sha256, upload.length == length {
            return false
        }
        guard body["image"]?.integer ?? 0 == 0 else {
            throw mode == .recovery ? .invalid : SMPRefusal(group: SMPGroup.image, code: 14)
        }
        let slot = slots[mode == .recovery ? 0 : 1]
        guard length <= slot.size else {
            throw mode == .recovery ? .invalid : SMPRefusal(group: SMPGroup.image, code: 30)
        }
        if mode == .application { pending = nil }
        _ = flash.erase(slot.offset, slot.size)
        upload = Upload(slot: slot, length: length, sha256: sha256)
        return true
    }

    private func store(_ data: [UInt8], at offset: Int, in slot: SMPSlot) {
        var data = data
        if let wrong = faults.corruptedByte, (offset..<offset + data.count).contains(wrong) {
            data[wrong - offset] ^= 1
        }
        _ = flash.program(slot.offset + offset, data)
    }

    /// What MCUboot does at a reset: exchanges the slots for a test or for good, or goes back from a test.
    mutating func boot() {
        upload = nil
        settings.load(from: flash)
        if let stays = pending, slots[1].validImage(in: flash) != nil {
            exchangeSlots()
            isConfirmed = stays
        } else if !isConfirmed {
            exchangeSlots()
            isConfirmed = true
        }
        pending = nil
    }

    private func exchangeSlots() {
        let contents = slots.map { flash.read($0.offset, $0.size) }
        for (slot, bytes) in zip(slots, contents.reversed()) {
            _ = flash.erase(slot.offset, slot.size)
            _ = flash.program(slot.offset, bytes)
        }
    }
}
