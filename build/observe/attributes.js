/**
 * Names of span attributes, all in one place: the messaging conventions of OpenTelemetry are still in development, and
 * a rename there should be one line here.
 */
export const ATTRIBUTES = {
    // OpenTelemetry's semantic conventions.
    serverAddress: 'server.address',
    serverPort: 'server.port',
    networkProtocolName: 'network.protocol.name',
    urlPath: 'url.path',
    urlTemplate: 'url.template',
    httpRequestMethod: 'http.request.method',
    httpResponseStatusCode: 'http.response.status_code',
    messagingSystem: 'messaging.system',
    messagingOperationName: 'messaging.operation.name',
    messagingOperationType: 'messaging.operation.type',
    messagingDestinationName: 'messaging.destination.name',
    messagingMessageId: 'messaging.message.id',
    messagingClientId: 'messaging.client.id',
    messagingMessageBodySize: 'messaging.message.body.size',
    errorType: 'error.type',
    // Ours.
    app: 'feishu.app',
    attempt: 'feishu.attempt',
    connectionId: 'feishu.connection.id',
    outageId: 'feishu.outage.id',
    outageDurationS: 'feishu.outage.duration_s',
    outageAttempts: 'feishu.outage.attempts',
    apiCode: 'feishu.api.code',
    eventAgeS: 'feishu.event.age_s',
    eventSource: 'feishu.event.source',
    eventDuplicate: 'feishu.event.duplicate',
    gapS: 'feishu.gap_s',
    catchupEvents: 'feishu.catchup.events',
};
