import BoardProtocols
import CLibUSB
import Dispatch

/// One control transfer under way: libusb's record, its buffer, and what the event thread signals when it is done.
///
/// Belongs to the thread that waits for it. libusb reads and writes its memory between ``submit()`` and the signal, or
/// until the handle is closed: it must not be freed before.
final class USBTransfer {
    private let record: UnsafeMutablePointer<libusb_transfer>
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let done = DispatchSemaphore(value: 0)

    /// nil where there is no memory.
    init?(_ handle: OpaquePointer, _ setup: USBSetup, data: [UInt8]) {
        guard let record = libusb_alloc_transfer(0) else { return nil }
        self.record = record
        buffer = .allocate(capacity: 8 + Int(setup.length))
        buffer.initialize(repeating: 0)
        for (index, byte) in (setup.bytes + data).enumerated() where index < buffer.count { buffer[index] = byte }
        // No time limit of libusb's own: the waiting thread has its deadline.
        libusb_fill_control_transfer(
            record, handle, buffer.baseAddress, Self.onDone, Unmanaged.passUnretained(done).toOpaque(), 0)
    }

    deinit {
        libusb_free_transfer(record)
        buffer.deallocate()
    }

    func submit() throws(USBFailure) {
        let code = libusb_submit_transfer(record)
        guard code == 0 else { throw USBFailure(code: code) }
    }

    /// True once it is done.
    func wait(milliseconds: Int) -> Bool { done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success }

    func cancel() { libusb_cancel_transfer(record) }

    /// The data, once it is done.
    func result() throws(USBFailure) -> [UInt8] {
        let count = Int(record.pointee.actual_length)
        switch record.pointee.status {
        case LIBUSB_TRANSFER_COMPLETED: return Array(buffer[8..<min(buffer.count, 8 + count)])
        case LIBUSB_TRANSFER_STALL: throw .stalled
        case LIBUSB_TRANSFER_NO_DEVICE: throw .gone
        case LIBUSB_TRANSFER_TIMED_OUT, LIBUSB_TRANSFER_CANCELLED: throw .timedOut
        case LIBUSB_TRANSFER_OVERFLOW: throw .broken("the device sent more than was asked for")
        default: throw .broken("damaged on the wire: check cable and hub")
        }
    }

    /// Runs on the event thread.
    private static let onDone: libusb_transfer_cb_fn = { record in
        guard let data = record?.pointee.user_data else { return }
        Unmanaged<DispatchSemaphore>.fromOpaque(data).takeUnretainedValue().signal()
    }
}
