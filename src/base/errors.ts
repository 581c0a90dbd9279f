import { ERROR_CODES, type ErrorCode, type ExitCode } from "./error-codes.js";

export type ErrorDetails = Readonly<Record<string, unknown>>;

export interface DevkitErrorOptions {
  /** What to type next; shown on a line of its own. */
  readonly hint?: string;
  /** Overrides the exit code of the table. */
  readonly exitCode?: ExitCode;
  /** Structured facts for `--json`; `recovery` (string[]) lists commands when something was left behind. */
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** The only error devkit throws on purpose. Translate foreign errors once, at the adapter's edge. */
export class DevkitError extends Error {
  override readonly name = "DevkitError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;
  readonly details: ErrorDetails;

  /** `message`: what failed, on what, in one line. */
  constructor(code: ErrorCode, message: string, options: DevkitErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? ERROR_CODES[code].exitCode;
    this.details = options.details ?? {};
  }
}

export function isDevkitError(value: unknown): value is DevkitError {
  return value instanceof DevkitError;
}

/** The code of a Node system error (`ENOENT`, `ENOSPC` …), or undefined for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof DevkitError || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a disk says that fails or is full: of any file, at any call. */
const DISK_CODES: Readonly<Record<string, ErrorCode>> = {
  EIO: "E_FILE",
  ENOSPC: "E_DISK_FULL",
  EDQUOT: "E_DISK_FULL",
};

/** Wraps whatever was thrown; anything that is neither a DevkitError nor a failing disk's is a bug of ours. */
export function toDevkitError(error: unknown): DevkitError {
  if (isDevkitError(error)) return error;
  const systemCode = systemErrorCode(error) ?? "";
  const disk = DISK_CODES[systemCode];
  if (disk !== undefined) {
    return new DevkitError(disk, errorMessage(error), {
      hint: "look at the disk (dmesg, df -h), then run the same command again; it goes on where it stopped",
      details: { systemCode },
      cause: error,
    });
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return new DevkitError("E_BUG", `unexpected: ${errorMessage(error)}`, {
    hint: "please report this with the lines below (DEVKIT_DEBUG=1 shows the full trace)",
    details: stack === undefined ? {} : { stack },
    cause: error,
  });
}
