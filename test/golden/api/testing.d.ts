// exports: CommandFrontOptions, Finding, FindingKind, FrontCommand, PropagationError, PropagationOptions, PropagationReport, RpcCall, ServerFrontOptions, WmAddress, expectPropagated

// dist/src/context/errors.d.ts: as in context.d.ts

// dist/src/context/ids.d.ts: as in context.d.ts

// dist/src/context/json-rpc.d.ts: as in context.d.ts

// dist/src/testing/errors.d.ts

export declare class PropagationError extends ThroughlineError {
    readonly report: PropagationReport;
    constructor(report: PropagationReport);
}

// dist/src/testing/expect-propagated.d.ts

export declare function expectPropagated(options: PropagationOptions): Promise<PropagationReport>;

// dist/src/testing/types.d.ts

export interface WmAddress {
    readonly host: string;
    readonly port: number;
    readonly address: string;
}

export interface FrontCommand {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
}

export interface RpcCall {
    readonly method: string;
    readonly params?: unknown;
}

interface CommonOptions {
    readonly answer?: (request: RpcCall) => unknown;
    readonly framing?: 'content-length' | 'lines';
    readonly calls?: number;
    readonly timeoutMs?: number;
}

export interface ServerFrontOptions extends CommonOptions {
    readonly protocol: 'mcp' | 'lsp';
    readonly front: (wm: WmAddress) => FrontCommand | Promise<FrontCommand>;
    readonly call: (marker: string) => RpcCall;
    readonly before?: readonly RpcCall[];
    readonly carrier?: CarrierForm;
}

export interface CommandFrontOptions extends CommonOptions {
    readonly protocol: 'cli';
    readonly front: (wm: WmAddress, marker: string) => FrontCommand | Promise<FrontCommand>;
    readonly processesMax?: number;
}

export type PropagationOptions = ServerFrontOptions | CommandFrontOptions;

export type FindingKind = 'unheard' | 'lost' | 'foreign' | 'environment' | 'wrong' | 'shared';

export interface Finding {
    readonly kind: FindingKind;
    readonly marker: string;
    readonly expected?: TraceId;
    readonly actual?: TraceId;
    readonly owner?: string;
    readonly method?: string;
}

export interface PropagationReport {
    readonly calls: number;
    readonly messages: number;
    readonly findings: readonly Finding[];
    readonly failures: readonly string[];
}
