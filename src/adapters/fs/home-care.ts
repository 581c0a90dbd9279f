import type { HomeCare } from "../../app/ports-homes.js";
import { describeHome } from "./home-contents.js";
import { cutLogs } from "./home-logs.js";
import { findLooseModes } from "./home-modes.js";
import { measureHome } from "./home-sizes.js";
import { withFileErrors } from "./translate.js";

/** Looks after homes while agents can write there. */
export const homeCare: HomeCare = {
  measure: ({ home }, deadline) => measureHome(home, deadline),
  describe: ({ home }, deadline) =>
    withFileErrors(`cannot look at ${home}`, () => describeHome(home, deadline)),
  findLoose: ({ home }, { fix }) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    withFileErrors(`cannot look at ${home}`, async () => findLooseModes(home, fix)),
  cutLogs: ({ home }) =>
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to be a rejection
    withFileErrors(`cannot cut the logs of ${home}`, async () => cutLogs(home)),
};
