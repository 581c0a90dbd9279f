import { DevkitError, isDevkitError } from "../../base/errors.js";
import { countOf } from "../../base/plural.js";
import { quoteText } from "../../base/show-text.js";
import { hashCommands } from "../../domain/hooks/hook-record.js";
import type { RunHostCommand, TrustStore } from "../ports-hooks.js";
import type { Progress, ProgressStep } from "../ports.js";
import { createHookOutput, lastLines } from "./hook-output.js";
import { withinTime } from "./within-time.js";

/** A command for this machine. */
export interface HostHook {
  readonly command: string;
  /** Where it is written, for people. */
  readonly origin: string;
  /** It came with the repository, which others write. */
  readonly needsTrust: boolean;
}

/** Something from outside the repository that its files want for agents. */
export interface HostReach {
  /** In words: `the mount /data:/data:ro`. */
  readonly what: string;
  /** Where it is written, for people. */
  readonly origin: string;
}

/** The project's host hooks, and what it takes to run them. */
export interface HostHooks {
  readonly hooks: readonly HostHook[];
  /** What else the repository needs approval for. */
  readonly reaches: readonly HostReach[];
  /** Programs of agents that would run here, if any agents were to; approved apart from all else. */
  readonly programs: readonly HostHook[];
  readonly trust: TrustStore;
  readonly runCommand: RunHostCommand;
}

/** What has to be approved for agents without a container: their program, and nothing else of the repository is used. */
export function ofPrograms(host: HostHooks): HostHooks {
  return { ...host, hooks: host.programs, reaches: [], programs: [] };
}

/** How what the repository asks of this machine stands. */
export interface TrustState {
  /** Commands that need to be approved. */
  readonly hooks: readonly HostHook[];
  readonly reaches: readonly HostReach[];
  /** Of both lists; what is approved is exactly these, in this order. */
  readonly hash: string;
  readonly trusted: boolean;
}

const SHOWN_LINES = 20;

export async function loadTrust({
  hooks,
  reaches,
  trust,
}: Pick<HostHooks, "hooks" | "reaches" | "trust">): Promise<TrustState> {
  const asked = hooks.filter(({ needsTrust }) => needsTrust);
  const all = trustedTexts({ hooks: asked, reaches });
  const hash = hashCommands(all);
  return { hooks: asked, reaches, hash, trusted: all.length === 0 || (await trust.load()).has(hash) };
}

/** What is approved, as one list: a command has no line break, so that it cannot stand for the border. */
export function trustedTexts({ hooks, reaches }: Pick<TrustState, "hooks" | "reaches">): string[] {
  const commands = hooks.map(({ command }) => command);
  return reaches.length === 0 ? commands : [...commands, "\n", ...reaches.map(({ what }) => what)];
}

/** Refuses before anything is made. @throws DevkitError E_UNTRUSTED */
export async function requireTrust(host: HostHooks | undefined): Promise<void> {
  if (host === undefined) return;
  const { hooks, reaches, trusted } = await loadTrust(host);
  if (trusted) return;
  const asks = [
    ...(hooks.length === 0 ? [] : [`run ${countOf(hooks.length, "command")} on this machine`]),
    ...(reaches.length === 0 ? [] : [`take ${countOf(reaches.length, "thing")} from outside of it`]),
  ];
  throw new DevkitError(
    "E_UNTRUSTED",
    `this repository would ${asks.join(" and ")}, and nobody has approved that`,
    {
      hint: "look at what it is, and approve it: devkit trust",
      details: { commands: hooks.map(({ command, origin }) => ({ command, origin })), reaches },
    },
  );
}

/** What a run that is not dry would refuse. */
export async function warnUntrusted(
  { progress }: { readonly progress: Pick<Progress, "warn"> },
  host: HostHooks | undefined,
): Promise<void> {
  await requireTrust(host).catch((error: unknown) => {
    if (!isDevkitError(error) || error.code !== "E_UNTRUSTED") throw error;
    progress.warn(`${error.message}: devkit trust`);
  });
}

/** Runs them in order, to the first that fails. @throws DevkitError E_HOOK */
export async function runHostHooks(
  { hooks, runCommand }: HostHooks,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (hooks.length === 0) return;
  const step = progress.step(undefined, "running host hooks");
  try {
    await withinTime("the host hook", signal, async (limited) => {
      for (const { command } of hooks) await runOne(runCommand, { command, signal: limited, step });
    });
    step.done("host hooks ran");
  } catch (error) {
    step.fail(isDevkitError(error) ? error.message : "a host hook could not be run");
    throw error;
  }
}

interface Running {
  readonly command: string;
  readonly signal: AbortSignal;
  readonly step: ProgressStep;
}

async function runOne(runCommand: RunHostCommand, { command, signal, step }: Running): Promise<void> {
  const output = createHookOutput((line) => {
    step.update(`host: ${line}`);
  });
  const exitCode = await runCommand({ command, output: output.stream, signal });
  const lines = lastLines(output.text(), SHOWN_LINES);
  if (exitCode === 0) return;
  throw new DevkitError(
    "E_HOOK",
    `a host hook failed, so no agent was brought up: ${quoteText(command)} ended with exit code ${String(exitCode)}`,
    {
      hint: "it runs in the repository's root: try it there yourself",
      details: {
        hook: "host",
        command,
        exitCode,
        ...(lines.length === 0 ? {} : { excerpt: lines.join("\n") }),
      },
    },
  );
}
