// exports: CommandFrontOptions, Finding, FindingKind, FrontCommand, PropagationError, PropagationOptions, PropagationReport, RpcCall, ServerFrontOptions, WmAddress, expectPropagated

// as in context.d.ts: Branded, CarrierForm, ErrorCode, ThroughlineError, TraceId, brand

export interface CommandFrontOptions extends CommonOptions {
    readonly protocol: 'cli';
    readonly front: (wm: WmAddress, marker: string) => FrontCommand | Promise<FrontCommand>;
    readonly processesMax?: number;
}

interface CommonOptions {
    readonly answer?: (request: RpcCall) => unknown;
    readonly framing?: 'content-length' | 'lines';
    readonly calls?: number;
    readonly timeoutMs?: number;
}

export interface Finding {
    readonly kind: FindingKind;
    readonly marker: string;
    readonly expected?: TraceId;
    readonly actual?: TraceId;
    readonly owner?: string;
    readonly method?: string;
}

export type FindingKind = 'unheard' | 'lost' | 'foreign' | 'environment' | 'wrong' | 'shared';

export interface FrontCommand {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly cwd?: string;
}

export declare class PropagationError extends ThroughlineError {
    readonly report: PropagationReport;
    constructor(report: PropagationReport);
}

export type PropagationOptions = ServerFrontOptions | CommandFrontOptions;

export interface PropagationReport {
    readonly calls: number;
    readonly messages: number;
    readonly findings: readonly Finding[];
    readonly failures: readonly string[];
}

export interface RpcCall {
    readonly method: string;
    readonly params?: unknown;
}

export interface ServerFrontOptions extends CommonOptions {
    readonly protocol: 'mcp' | 'lsp';
    readonly front: (wm: WmAddress) => FrontCommand | Promise<FrontCommand>;
    readonly call: (marker: string) => RpcCall;
    readonly before?: readonly RpcCall[];
    readonly carrier?: CarrierForm;
}

export interface WmAddress {
    readonly host: string;
    readonly port: number;
    readonly address: string;
}

export declare function expectPropagated(options: PropagationOptions): Promise<PropagationReport>;
