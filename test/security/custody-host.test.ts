import { ACTS_ON_HOST } from "./on-host.js";
import { defineAttacks } from "./suite.js";

// What custody-control.test.ts shows to work without custody, this time against devkit.
defineAttacks(ACTS_ON_HOST);
