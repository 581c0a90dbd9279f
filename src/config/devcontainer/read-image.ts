import path from "node:path";
import { quoteText } from "../../base/show-text.js";
import { valueAt } from "./jsonc.js";
import type { SettingPath } from "../locate.js";
import { didYouMean, nameOf, type Reading } from "./reading.js";

export function readImage(value: unknown, at: SettingPath, reading: Reading): void {
  const image = reading.text(value, at);
  if (image !== undefined) reading.set(["image", "base"], image, at);
}

/** The specification's default context is the directory of devcontainer.json, wherever the Dockerfile is. */
export function readDockerfile(value: unknown, at: SettingPath, reading: Reading): void {
  const file = reading.text(value, at);
  if (file === undefined) return;
  if (valueAt(reading.data, ["image"]) !== undefined)
    reading.refuse(
      at,
      `${nameOf(at)} and image are both there, and only one can be what agents are built on`,
    );
  reading.set(["image", "dockerfile"], path.resolve(reading.dir, file), at);
  const given = [["build", "context"], ["context"]].some((one) => valueAt(reading.data, one) !== undefined);
  if (!given) reading.set(["image", "context"], reading.dir, at);
}

export function readContext(value: unknown, at: SettingPath, reading: Reading): void {
  const directory = reading.text(value, at);
  if (directory !== undefined) reading.set(["image", "context"], path.resolve(reading.dir, directory), at);
}

export function readBuildArgs(value: unknown, at: SettingPath, reading: Reading): void {
  for (const [name, argument] of reading.members(value, at)) {
    const text = reading.text(argument, [...at, name]);
    if (text !== undefined) reading.put(["image", "args", name], text, [...at, name]);
  }
}

export function readTarget(value: unknown, at: SettingPath, reading: Reading): void {
  const stage = reading.text(value, at);
  if (stage !== undefined) reading.set(["image", "target"], stage, at);
}

/** Each feature with its options as JSON; a folder becomes an absolute path, since the setting knows no file. */
export function readFeatures(value: unknown, at: SettingPath, reading: Reading): void {
  const order = valueAt(reading.data, ["overrideFeatureInstallOrder"]);
  const rank = (name: string) => {
    const place = Array.isArray(order) ? order.indexOf(withoutVersion(name)) : -1;
    return place === -1 ? Infinity : place;
  };
  const features = [...reading.members(value, at)].sort(([a], [b]) => compare(rank(a), rank(b)));
  for (const [name, options] of features) {
    const place = [...at, name];
    if (!isFeatureName(name)) {
      const example =
        '"ghcr.io/devcontainers/features/node:1", "https://example.com/feature.tgz" or "./folder"';
      reading.refuse(place, `${quoteText(name)} is not the name of a feature`, {
        part: "key",
        hint: `a feature is named like ${example}`,
      });
    } else if (options === false) reading.note(place, `${name} is switched off and left out`);
    else if (typeof options === "string" || options === true || isOptions(options)) {
      const key = name.startsWith("./") ? path.resolve(reading.dir, name) : name;
      reading.put(["image", "features", key], JSON.stringify(options === true ? {} : options), place);
    } else reading.refuse(place, `${nameOf(place)} must be an object of options or a version`);
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function isOptions(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((option) => ["string", "boolean"].includes(typeof option));
}

function isFeatureName(name: string): boolean {
  return (
    /^\.\/[^\p{Cc}]+$/u.test(name) ||
    /^https:\/\/[^\s]+\.tgz$/.test(name) ||
    /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+|@sha256:[0-9a-f]{64})?$/i.test(name)
  );
}

function withoutVersion(name: string): string {
  return name.replace(/(?::[\w.-]+|@sha256:[0-9a-f]+)$/, "");
}

/** What it lists must be among the features; the order itself is applied where they are read. */
export function readFeatureOrder(value: unknown, at: SettingPath, reading: Reading): void {
  const features = Object.keys(valueAt(reading.data, ["features"]) ?? {}).map(withoutVersion);
  for (const [index, one] of reading.list(value, at).entries()) {
    const name = reading.text(one, [...at, index]);
    if (name === undefined || features.includes(name)) continue;
    reading.refuse([...at, index], `${quoteText(name)} is not among features`, {
      hint: features.length === 0 ? "there are no features" : didYouMean(name, features),
    });
  }
}
