import BoardProtocols

extension FuzzTarget {
    /// What a module says: lines, prompts, counted values; what each line is; the values in them.
    static let at = FuzzTarget(
        "at", limit: 6000,
        seeds: [
            "AT+CGSN\r\r\n867160040000001\r\n\r\nOK\r\n", "+SYSFLASH:\"ota_0\",0,16,0x10000,1048576\r\nOK\r\n",
            "+SYSFLASH:\"x\",0,16,9223372036854775807,1\r\n", "+SYSMFG:" + String(repeating: ",", count: 4000),
            "+SYSMFG:\"dev\",\"sn\",7,4,ab\r\n\r\nOK\r\n", "+SYSFLASH:16,0123456789abcdef\r\nOK\r\n", "\r\n> ",
            "+CME ERROR: 100\r\n+QCCID: 89860012345678901234F\r\n+CIPSTAMAC:\"60:55:f9:00:00:01\"\r\n",
            "WIFI GOT IP\r\n^BOOT: 1\r\nbusy p...\r\nCONNECT 115200\r\n",
        ].map { Array($0.utf8) },
        words: ["\r\n", "OK", "ERROR", "+CME ERROR: ", "+SYSFLASH:", "+SYSMFG:", "\"", ",", ">", "CONNECT", "+CGSN: "]
    ) { bytes in
        for counted in [nil, ATCountedAnswer.flash, .manufacturing] {
            try Portions.check(bytes) { portions in
                var reader = ATLineReader()
                reader.expectsPrompt = bytes.count.isMultiple(of: 2)
                reader.counted = counted
                return portions.flatMap { reader.push($0) }
            }
        }
        var reader = ATLineReader()
        let items = reader.push(bytes + [10])
        let answers = [
            ATAnswer(command: Array("AT+CGSN".utf8), prefix: "+CGSN", takesBare: true),
            ATAnswer(command: Array("AT".utf8), prefix: nil, numeric: true, success: "SEND OK"),
        ]
        var lines: [String] = []
        for case .line(let line) in items {
            try insist(line.count <= ATLineReader.limit && !line.isEmpty, "a line of \(line.count) bytes")
            for answer in answers {
                if case .final(let final) = answer.judge(line) {
                    try insist(!final.bare.isEmpty && !final.description.isEmpty, "a result without words")
                }
            }
            if let text = ATText.printable(line) { lines.append(text) }
        }
        if let imei = ATParse.imei(lines) { try insist(imei.utf8.count, equals: 15, "digits of an IMEI") }
        if let iccid = ATParse.iccid(lines) { try insist((19...20).contains(iccid.utf8.count), "digits of an ICCID") }
        if let mac = ATParse.mac(lines) { try insist(mac.count, equals: 6, "octets of a MAC") }
        _ = (ATParse.imeisv(lines), ATParse.serial(lines), ATParse.text(lines))
        for line in lines {
            _ = (ATText.prefix(ofCommand: line), ATParse.manufacturing(line))
            if let partition = ATParse.partition(line) {
                try insist(
                    partition.size > 0 && partition.address + partition.size <= 1 << 32, "a partition beyond 4 GiB")
            }
        }
    }
}
