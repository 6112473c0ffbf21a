/// Shares in whole numbers: hundredths of a percent, so that every program computes the same.
enum Ratio {
    /// `part` of `whole` in hundredths of a percent, halves rounded up; nil where there is no whole.
    static func basisPoints(_ part: Int, of whole: Int) -> Int? {
        whole == 0 ? nil : (part * 10_000 + whole / 2) / whole
    }
}
