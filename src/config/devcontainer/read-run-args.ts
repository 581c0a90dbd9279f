import path from "node:path";
import { quoteText } from "../../base/show-text.js";
import type { SettingPath } from "../locate.js";
import { addMount, splitOptions } from "./read-mounts.js";
import { publish } from "./read-ports.js";
import type { Reading } from "./reading.js";

type Take = (value: string, at: SettingPath, reading: Reading) => void;

const number: (key: "cpus" | "pids") => Take = (key) => (value, at, reading) => {
  reading.set(["container", key], Number(value), at);
};

/** Options of `docker run` that settings have a word for. */
const TAKEN: Readonly<Record<string, Take>> = {
  "--memory": (value, at, reading) => {
    reading.set(["container", "memory"], value, at);
  },
  "--cpus": number("cpus"),
  "--pids-limit": number("pids"),
  "--env": takeVariable,
  "--env-file": (value, at, reading) => {
    reading.add(["container", "env_file"], path.resolve(reading.root, value), at);
  },
  "--workdir": (value, at, reading) => {
    reading.set(["container", "workdir"], value, at);
  },
  "--mount": (value, at, reading) => {
    addMount(splitOptions(value), at, reading);
  },
  "--volume": takeVolume,
  "--publish": publish,
};

const SHORT: Readonly<Record<string, string>> = {
  "-m": "--memory",
  "-e": "--env",
  "-w": "--workdir",
  "-v": "--volume",
  "-p": "--publish",
  "-u": "--user",
  "-h": "--hostname",
};

/** What every agent has anyway, or what names it: nothing is lost without. */
const HELD = ["--init", "--rm", "-it", "-i", "-t", "-d", "--interactive", "--tty", "--detach"];
const NAMING = ["--name", "--hostname", "--user", "--userns", "--label"];

const REASONS: Readonly<Record<string, string>> = {
  "--privileged": "an agent with the rights of the machine's root is not contained",
  "--cap-add": "agents have no capabilities, so that they stay contained",
  "--security-opt": "agents keep the engine's seccomp profile and no-new-privileges",
  "--network": "every agent has a network of its own, whose only way out is the allow-list",
  "--net": "every agent has a network of its own, whose only way out is the allow-list",
  "--add-host": "names are the business of egress.allow",
  "--dns": "names are the business of egress.allow",
  "--gpus": "agents get no devices",
  "--device": "agents get no devices",
  "--pid": "agents do not see other processes than their own",
  "--ipc": "agents do not share memory with others",
};

/** Options without a value of their own that may stand in `runArgs`. */
const SWITCHES = ["--privileged"];

export function readRunArgs(value: unknown, at: SettingPath, reading: Reading): void {
  const words = reading.list(value, at).map((word, index) => reading.text(word, [...at, index]) ?? "");
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const place = [...at, index];
    if (HELD.includes(word) || word === "") continue;
    const [, written = "", joined] = /^(--?[\w-]+)(?:=([^]*))?$/.exec(word) ?? [];
    const option = SHORT[written] ?? written;
    const isSwitch = SWITCHES.includes(option);
    const argument = joined ?? (isSwitch ? "" : words[index + 1]);
    if (joined === undefined && !isSwitch && option !== "") index += 1;
    if (option === "" || argument === undefined) refuseWord(word, place, reading);
    else takeOption(option, argument, place, reading);
  }
}

function takeOption(option: string, argument: string, at: SettingPath, reading: Reading): void {
  const take = TAKEN[option];
  if (take !== undefined) take(argument, at, reading);
  else if (NAMING.includes(option))
    reading.note(at, `runArgs: ${option} is not used, since agents have names and users of their own`);
  else refuseWord(option, at, reading);
}

function refuseWord(word: string, at: SettingPath, reading: Reading): void {
  const reason = REASONS[word];
  const why = reason === undefined ? "" : `: ${reason}`;
  reading.unsupported(at, `runArgs: ${quoteText(word)} is not supported${why}`);
}

/** `NAME=value`; a name alone takes the value it has on this machine. */
function takeVariable(text: string, at: SettingPath, reading: Reading): void {
  const [name = "", ...rest] = text.split("=");
  const value = rest.length > 0 ? rest.join("=") : reading.env(name);
  if (value !== undefined) reading.put(["container", "env", name], value, at);
}

/** `source:target[:ro]`; a source that is no path is a volume. */
function takeVolume(text: string, at: SettingPath, reading: Reading): void {
  const [source = "", target, mode = ""] = text.split(":");
  const modes = mode.split(",");
  const unknown = modes.find(
    (one) => !["", "ro", "rw", "cached", "delegated", "consistent", "z", "Z"].includes(one),
  );
  if (target === undefined || unknown !== undefined) {
    reading.refuse(at, `runArgs: the volume ${quoteText(text)} is not SOURCE:TARGET[:ro]`);
    return;
  }
  const type = /^[./~]/.test(source) ? "bind" : "volume";
  const readOnly = modes.includes("ro") ? ([["readonly", "true"]] as const) : [];
  addMount([["type", type], ["source", source], ["target", target], ...readOnly], at, reading);
}
