import Execution
import Foundation
import Vault

extension CallSettings {
    /// As the line carries them out.
    /// - Throws: ``StationComposition/CompositionError`` for a label's template that cannot be used, and for a MES without a
    ///   sealed key.
    init(_ calls: StationConfiguration.Calls, vault: Vault) throws {
        self.init()
        andon = calls.andon.map { AndonSettings($0.target, caFile: $0.caFile, limit: $0.limit) }
        if let mes = calls.mes {
            guard try vault.secret(SecretName(.mes, "key")) != nil else {
                throw StationComposition.CompositionError(
                    description: "[mes] is configured and the vault holds no mes/key; \(MESSettings.advice)")
            }
            self.mes = MESSettings(
                beforeRun: mes.beforeRun, afterRun: mes.afterRun, limit: mes.limit, onSilence: mes.onSilence,
                caFile: mes.caFile, key: { try vault.secret(SecretName(.mes, "key")) })
        }
        labels = try calls.labels.map { labels in
            func refuse(_ sentence: String) -> StationComposition.CompositionError {
                StationComposition.CompositionError(description: "labels.template \(labels.template): \(sentence)")
            }
            guard let data = FileManager.default.contents(atPath: labels.template) else {
                throw refuse("cannot be read; name the file with the label's text")
            }
            let text = String(decoding: data, as: UTF8.self)
            do {
                return LabelSettings(
                    printer: labels.printer, template: try LabelTemplate(text), scan: try LabelTemplate(labels.scan),
                    scanLimit: labels.scanLimit, labelsDone: labels.labelsDone)
            } catch let problem as LabelTemplate.Problem { throw refuse(problem.description) }
        }
    }
}
