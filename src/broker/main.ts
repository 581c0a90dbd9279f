import path from "node:path";
import { createBrokerDeps, releaseDeadLocks } from "./deps.js";
import { readVersion } from "../cli/version.js";
import { createDispatch } from "./dispatch.js";
import { createEndpoints } from "./endpoints.js";
import { createMcp } from "./mcp.js";
import { createNotices } from "./notices.js";
import { createRefusalLog } from "./refusal-log.js";
import { BROKER_TABLE } from "./table.js";

/** The broker: `node broker.mjs POOL BASE`, in its container (docs/endpoint.md). */
const [pool = "", base = ""] = process.argv.slice(2);

// Nobody reads it: then there is no log, and everything else goes on.
process.stdout.on("error", () => undefined);
const log = createRefusalLog((line) => process.stdout.write(`${JSON.stringify(line)}\n`));
const stop = new AbortController();
const run = createDispatch({
  table: BROKER_TABLE,
  depsOf: createBrokerDeps({ pool, base }, log, stop.signal),
  takeNotice: createNotices(path.join(base, "notices")),
  log,
});
const serveMcp = createMcp({ version: readVersion(), run, log });
const endpoints = createEndpoints({ base, log, run, serveMcp });

process.on("SIGUSR1", () => void endpoints.rescan());
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    stop.abort();
    void endpoints.close().then(() => {
      log.flush();
      process.stdout.write("", () => process.exit(0));
    });
  });
}
await releaseDeadLocks({ pool, base }, log, stop.signal);
await endpoints.rescan();
