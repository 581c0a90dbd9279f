import type { SettingPath } from "../locate.js";
import type { Reading } from "./reading.js";

export function readContainerEnv(value: unknown, at: SettingPath, reading: Reading): void {
  for (const [name, one] of reading.members(value, at)) {
    const text = reading.text(one, [...at, name]);
    if (text !== undefined) reading.put(["container", "env", name], text, [...at, name]);
  }
}

/** Its variables win over those of containerEnv, wherever in the file the two stand. */
export function readRemoteEnv(value: unknown, at: SettingPath, reading: Reading): void {
  for (const [name, one] of reading.members(value, at)) {
    const place = [...at, name];
    if (one !== null) {
      const text = reading.text(one, place);
      if (text !== undefined) reading.put(["container", "env", name], text, place);
      continue;
    }
    reading.put(["container", "env", name], undefined, place);
    reading.note(place, `${name} keeps the value that the image or another layer gives it, if one does`);
  }
}
