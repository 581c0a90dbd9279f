import { DevkitError, errorMessage, systemErrorCode } from "../../base/errors.js";

const RETRY = "free some space and run the same command again; it goes on where it stopped";

/** Turns a file system error into ours; anything else passes unchanged. `what`: what was being done, on which path. */
export function translateFileError(error: unknown, what: string): unknown {
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const details = { systemCode: code };
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new DevkitError("E_DISK_FULL", `${what}: the disk is full`, {
      hint: RETRY,
      details,
      cause: error,
    });
  }
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
    const reason = code === "EROFS" ? "the file system is read-only" : "permission denied";
    return new DevkitError("E_READ_ONLY", `${what}: ${reason}`, {
      hint: "check the owner and the permissions of that path, and that its file system is writable",
      details,
      cause: error,
    });
  }
  return new DevkitError("E_FILE", `${what}: ${errorMessage(error)}`, { details, cause: error });
}

/** Runs file operations and translates what they throw. */
export async function withFileErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateFileError(error, what);
  }
}
