import { quoteText } from "../../base/show-text.js";
import type { SettingPath } from "../locate.js";
import type { Reading } from "./reading.js";

export function readForwardPorts(value: unknown, at: SettingPath, reading: Reading): void {
  for (const [index, one] of reading.list(value, at).entries()) {
    const place = [...at, index];
    const [, host, port] = typeof one === "string" ? (/^([^:]+):(\d+)$/.exec(one) ?? []) : [];
    if (host === undefined) reading.add(["ports", "publish"], one, place);
    else if (["localhost", "127.0.0.1"].includes(host)) reading.add(["ports", "publish"], port, place);
    else {
      reading.refuse(place, `${quoteText(String(one))} is a port of another host than the agent`, {
        hint: "only ports inside agents can be forwarded",
      });
    }
  }
}

export function readAppPort(value: unknown, at: SettingPath, reading: Reading): void {
  const ports = Array.isArray(value) ? (value as unknown[]) : [value];
  ports.forEach((one, index) => {
    publish(one, Array.isArray(value) ? [...at, index] : at, reading);
  });
}

/** `3000`, `8080:3000` or `127.0.0.1:8080:3000`, as `docker run --publish` takes it. */
export function publish(value: unknown, at: SettingPath, reading: Reading): void {
  const [, host, port] = typeof value === "string" ? (/^(.*):(\d+)(?:\/tcp)?$/.exec(value) ?? []) : [];
  reading.add(["ports", "publish"], port ?? value, at);
  if (host !== undefined) {
    const text = `${String(at[0])}: agents get ports of their own on this machine, so ${quoteText(host)} is not promised`;
    reading.note(at, text);
  }
}
