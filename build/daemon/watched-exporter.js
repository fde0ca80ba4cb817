// `ExportResultCode.SUCCESS` of `@opentelemetry/core`, which is no dependency of ours: its values are part of the
// interface that exporters implement.
const SUCCESS = 0;
/**
 * Tells of each batch how it went, with `error` null for success, and lets the processor believe it went well: the SDK
 * would hand the error to a global handler that writes it wherever it likes.
 */
export function watchedExporter(exporter, onExport) {
    return {
        export: (spans, done) => {
            const spanCount = spans.length;
            try {
                exporter.export(spans, ({ code, error }) => {
                    onExport({ spanCount, error: code === SUCCESS ? null : (error ?? new Error('the export failed')) });
                    done({ code: SUCCESS });
                });
            }
            catch (error) {
                onExport({ spanCount, error });
                done({ code: SUCCESS });
            }
        },
        shutdown: () => exporter.shutdown(),
        forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    };
}
