extension STM32Part {
    /// The parts this station knows: F0, F1, F2, F3, F4, F7, G0, G4, H7 and L4.
    ///
    /// Left out: the L4+ series, whose page size an option bit decides.
    public static let table: [STM32Part] = f0 + f1 + f3 + f2 + f4 + f7 + g0 + g4 + h7 + l4

    /// RM0091 and RM0360.
    private static let f0: [STM32Part] = [
        (0x440, "STM32F030x8/05x", 64, 1), (0x444, "STM32F030x4/x6/03x", 32, 1),
        (0x445, "STM32F04x/070x6", 32, 1), (0x448, "STM32F070xB/071/072", 128, 2), (0x442, "STM32F030xC/09x", 256, 2),
    ].map { STM32Part($0, $1, sizeRegister: 0x1FFF_F7CC, uid: 0x1FFF_F7AC, largest: $2, pages: [$3]) }

    /// RM0008 and RM0041.
    private static let f1: [STM32Part] = [
        (0x412, "STM32F10x low-density", 32, 1), (0x410, "STM32F10x medium-density", 128, 1),
        (0x414, "STM32F10x high-density", 512, 2), (0x430, "STM32F10x XL-density", 1024, 2),
        (0x418, "STM32F105/107", 256, 2), (0x420, "STM32F100 medium-density", 128, 1),
        (0x428, "STM32F100 high-density", 512, 2),
    ].map { STM32Part($0, $1, sizeRegister: 0x1FFF_F7E0, uid: 0x1FFF_F7E8, largest: $2, pages: [$3]) }

    /// RM0316, RM0364, RM0365, RM0366 and RM0313.
    private static let f3: [STM32Part] = [
        (0x422, "STM32F302xB/xC/303xB/xC/358", 256), (0x432, "STM32F373/378", 256),
        (0x438, "STM32F303x4/x6/x8/328/334", 64), (0x439, "STM32F301/302x4/x6/x8/318", 64),
        (0x446, "STM32F302xD/xE/303xD/xE/398", 512),
    ].map { STM32Part($0, $1, sizeRegister: 0x1FFF_F7CC, uid: 0x1FFF_F7AC, largest: $2, pages: [2]) }

    private static let sectors16 = [16, 16, 16, 16, 64, 128]

    /// RM0033. The first F405 chips (revision A) name themselves with this id as well.
    private static let f2 = [
        STM32Part(
            0x411, "STM32F2xx", sizeRegister: 0x1FFF_7A22, uid: 0x1FFF_7A10, largest: 1024, pages: sectors16)
    ]

    /// RM0090, RM0368, RM0383, RM0390, RM0401, RM0402, RM0430 and RM0386. Parts of 2 MiB have two banks of twelve
    /// sectors.
    private static let f4: [STM32Part] = [
        (0x413, "STM32F405/407/415/417", 1024, nil), (0x419, "STM32F42x/43x", 2048, 1024),
        (0x434, "STM32F469/479", 2048, 1024), (0x423, "STM32F401xB/xC", 256, nil),
        (0x433, "STM32F401xD/xE", 512, nil), (0x431, "STM32F411", 512, nil), (0x441, "STM32F412", 1024, nil),
        (0x421, "STM32F446", 512, nil), (0x458, "STM32F410", 128, nil), (0x463, "STM32F413/423", 1536, nil),
    ].map { (id: UInt16, name: String, largest: Int, bank: Int?) in
        STM32Part(
            id, name, sizeRegister: 0x1FFF_7A22, uid: 0x1FFF_7A10, largest: largest, pages: sectors16,
            restartsAt: bank)
    }

    /// RM0385, RM0410 (as delivered, with one bank: nDBANK set) and RM0431.
    private static let f7 = [
        STM32Part(
            0x449, "STM32F74x/75x", sizeRegister: 0x1FF0_F442, uid: 0x1FF0_F420, largest: 1024,
            pages: [32, 32, 32, 32, 128, 256]),
        STM32Part(
            0x451, "STM32F76x/77x", sizeRegister: 0x1FF0_F442, uid: 0x1FF0_F420, largest: 2048,
            pages: [32, 32, 32, 32, 128, 256]),
        STM32Part(
            0x452, "STM32F72x/73x", sizeRegister: 0x1FF0_7A22, uid: 0x1FF0_7A10, largest: 512, pages: sectors16),
    ]

    /// RM0351 and RM0394.
    private static let l4: [STM32Part] = [
        (0x435, "STM32L43x/44x", 256, nil), (0x462, "STM32L45x/46x", 512, nil), (0x464, "STM32L41x/42x", 128, nil),
        (0x415, "STM32L47x/48x", 1024, 1024), (0x461, "STM32L49x/4Ax", 1024, 1024),
    ].map { wide($0, $1, largest: $2, halfBelow: $3) }

    /// RM0444 and RM0454.
    private static let g0: [STM32Part] = [
        (0x466, "STM32G03x/04x", 64, nil), (0x456, "STM32G05x/06x", 64, nil), (0x460, "STM32G07x/08x", 128, nil),
        (0x467, "STM32G0Bx/0Cx", 512, 512),
    ].map { wide($0, $1, largest: $2, halfBelow: $3) }

    /// RM0440; those with two banks as delivered (DBANK set).
    private static let g4: [STM32Part] = [
        (0x468, "STM32G431/441", 128, nil), (0x469, "STM32G47x/48x", 512, 512), (0x479, "STM32G491/4A1", 512, nil),
    ].map { wide($0, $1, largest: $2, halfBelow: $3) }

    /// RM0433, RM0468 and RM0455.
    private static let h7 = [
        STM32Part(
            0x450, "STM32H74x/75x", sizeRegister: 0x1FF1_E880, uid: 0x1FF1_E800, largest: 2048, pages: [128],
            halfBelow: 2048, writeUnit: 32),
        STM32Part(
            0x483, "STM32H72x/73x", sizeRegister: 0x1FF1_E880, uid: 0x1FF1_E800, largest: 1024, pages: [128],
            writeUnit: 32),
        STM32Part(
            0x480, "STM32H7A3/7B3", sizeRegister: 0x08FF_F80C, uid: 0x08FF_F800, largest: 2048, pages: [8],
            halfBelow: 2048, writeUnit: 16),
    ]

    /// G0, G4 and L4: pages of 2 KiB, written in double words.
    private static func wide(_ id: UInt16, _ name: String, largest: Int, halfBelow: Int?) -> STM32Part {
        STM32Part(
            id, name, sizeRegister: 0x1FFF_75E0, uid: 0x1FFF_7590, largest: largest, pages: [2],
            halfBelow: halfBelow, writeUnit: 8)
    }
}
