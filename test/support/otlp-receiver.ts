import type { IncomingHttpHeaders } from 'node:http';
import { serveHttp } from './loopback.js';

/** A span as OTLP/JSON has it, as far as tests read it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number };
}

export interface ReceivedResource {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: ReceivedResource;
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** What a collector does, on loopback: takes spans as JSON over HTTP and keeps them. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Attributes of the resource that sent the latest batch. */
  resource(): Record<string, string>;
  /** What it answers from now on. */
  status: number;
  close(): Promise<void>;
}

export async function otlpReceiver(): Promise<OtlpReceiver> {
  let attributes: ReceivedResource['attributes'] = [];
  const server = await serveHttp((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      receiver.requests.push({ path: request.url ?? '', headers: request.headers });
      if (receiver.status === 200) {
        const batch = JSON.parse(Buffer.concat(chunks).toString()) as Batch;
        for (const { resource, scopeSpans } of batch.resourceSpans) {
          attributes = resource.attributes;
          for (const { spans } of scopeSpans) receiver.spans.push(...spans);
        }
      }
      response.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  const receiver: OtlpReceiver = {
    url: server.url,
    spans: [],
    requests: [],
    status: 200,
    resource: () => Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? ''])),
    close: () => server.close(),
  };
  return receiver;
}
