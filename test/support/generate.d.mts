export interface Generated {
  readonly records: number;
  readonly bytes: number;
  readonly requests: number;
  readonly failed: number;
  /** Every `idEvery`-th correlation id. */
  readonly ids: readonly string[];
}

export interface GenerateOptions {
  readonly seed?: number;
  readonly streams: number;
  readonly requests: number;
  readonly size?: 'small' | 'medium' | 'full';
  readonly isSealed?: boolean;
  readonly failEvery?: number;
  readonly paddingBytes?: number;
  readonly startMs?: number;
  readonly idEvery?: number;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly segmentBytesMax?: number;
}

export declare const startMsDefault: number;
export declare function generate(root: string, options: GenerateOptions): Generated;
export declare function generateMany(
  root: string,
  options: Pick<GenerateOptions, 'seed' | 'startMs' | 'identity' | 'isSealed'> & {
    readonly streams: number;
  },
): { readonly records: number; readonly ids: readonly string[] };
export declare function generateWide(
  root: string,
  options?: Pick<GenerateOptions, 'seed' | 'startMs' | 'identity'>,
): { readonly correlationId: string; readonly spans: number };
