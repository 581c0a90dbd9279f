import type { SettingPath } from "../locate.js";
import { nameOf, type Reading } from "./reading.js";

export function readUser(value: unknown, at: SettingPath, reading: Reading): void {
  if (reading.text(value, at) === "root")
    reading.note(
      at,
      `${nameOf(at)}: commands run as you, not as root; what needs root belongs into the image`,
    );
}

/** A switch that only ever has one position in an agent. */
export function readFixed(always: boolean, message: string) {
  return (value: unknown, at: SettingPath, reading: Reading): void => {
    if (typeof value !== "boolean") reading.refuse(at, `${nameOf(at)} must be true or false`);
    else if (value !== always) reading.note(at, `${nameOf(at)}: ${message}`);
  };
}

export function readOverrideCommand(value: unknown, at: SettingPath, reading: Reading): void {
  if (typeof value !== "boolean") reading.refuse(at, "overrideCommand must be true or false");
  else if (!value) {
    const hint = 'name the command in devkit.toml: [container] command = ["npm", "start"]';
    reading.refuse(at, "overrideCommand: false is not supported: the image's own command is not run", {
      hint,
    });
  }
}
