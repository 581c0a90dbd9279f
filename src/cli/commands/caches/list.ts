import { cacheData, cacheTable } from "../../../output/views/caches.js";
import { defineCommand } from "../../command.js";

/** A list is worth no longer wait; what was not looked at by then is said to be more. */
const PATIENCE_MS = 5_000;

export const cacheList = defineCommand({
  path: "cache list",
  summary: "Show the download caches: size, last use, and which agents have them",
  description:
    "Shows what all agents of this user share (shared), what the user has adopted (base), and what this project's agents have on top of that (own). docs/caches.md says which tool has which.",
  arguments: [],
  options: {},
  examples: ["devkit cache list"],
  json: "{ caches: [{ tool, place: shared|base|own, agent: string|null, bytes, files, complete, lastUsed: RFC 3339|null, users: [{ project, agent, running }] }] }",
  async run({ deps }) {
    const { listCaches } = await import("../../../app/caches/list-caches.js");
    const caches = await listCaches(await deps.projectDeps(), { patienceMs: PATIENCE_MS });
    return { data: { caches: caches.map(cacheData) }, human: () => cacheTable(caches) };
  },
});
