import { afterEach, beforeEach, vi } from "vitest";
import { runCommandLine } from "../../../src/cli/run.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a command line printed and ended with. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on stdout; fails when it is not exactly one line. */
  document(): {
    ok: boolean;
    command: string;
    version: number;
    warnings: string[];
    data?: unknown;
    error?: { code: string; message: string; hint: string | null; exitCode: number; details: unknown };
  };
}

let listeners: Map<string, unknown[]>;

// Each command line installs its signal handlers; a process runs one, the tests run many.
beforeEach(() => {
  listeners = new Map(SIGNALS.map((name) => [name, process.listeners(name)]));
});

afterEach(() => {
  for (const name of SIGNALS) {
    for (const listener of process.listeners(name)) {
      if (!(listeners.get(name) ?? []).includes(listener)) process.off(name, listener);
    }
  }
});

/** Runs a command line in this process. */
export async function runCli(...argv: string[]): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      written[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  try {
    const exitCode = await runCommandLine(argv);
    return {
      exitCode,
      ...written,
      document() {
        const lines = written.stdout.split("\n");
        if (lines.length !== 2 || lines[1] !== "") throw new Error(`not one line: ${written.stdout}`);
        return JSON.parse(lines[0] ?? "") as ReturnType<Ran["document"]>;
      },
    };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
