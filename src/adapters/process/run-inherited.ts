export interface InheritedOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs a program with this process's terminal; undefined when a signal ended it or it is not installed. */
export async function runInherited(
  program: string,
  args: readonly string[],
  { env, signal }: InheritedOptions,
): Promise<number | undefined> {
  const { execa } = await import("execa");
  const options = { stdio: "inherit", reject: false, env, extendEnv: false, cancelSignal: signal } as const;
  return (await execa(program, args, options)).exitCode;
}
