import { quoteText } from "../../base/show-text.js";
import type { ComposeFile, ComposeValue } from "./compose-file.js";

type Table = readonly [table: string, key: string];

/** A map of variables, or a list of `NAME=value`; a name without a value takes the user's, or is left out without one. */
export function readVariables(file: ComposeFile, value: ComposeValue, into: Table): void {
  const items = file.items(value);
  if (items !== undefined) {
    const names = new Set<string>();
    for (const item of items) readItem(file, item, into, names);
    return;
  }
  for (const entry of file.entries(value)) {
    if (file.isNull(entry)) setOwn(file, into, entry.key, entry);
    else if (file.isBoolean(entry)) file.refuse(entry, "must be text", `write it in quotes`);
    else {
      const text = file.text(entry);
      if (text !== undefined) file.set([...into, entry.key], text, entry);
    }
  }
}

function readItem(file: ComposeFile, item: ComposeValue, into: Table, names: Set<string>): void {
  const text = file.text(item);
  if (text === undefined) return;
  const equals = text.indexOf("=");
  const name = equals === -1 ? text : text.slice(0, equals);
  const isAgain = names.has(name);
  names.add(name);
  if (isAgain) file.refuse(item, `sets ${quoteText(name)} again`);
  else if (equals === -1) setOwn(file, into, name, item);
  else file.set([...into, name], text.slice(equals + 1), item);
}

function setOwn(file: ComposeFile, into: Table, name: string, from: ComposeValue): void {
  const value = file.variables(name);
  if (value !== undefined) file.set([...into, name], value, from);
}
