/**
 * Switches on top of the settings. hardened: an egress container of one's own and a read-only root; dns: allowed names
 * resolve inside agents; open: agents reach any name.
 */
export const PROFILES = ["hardened", "dns", "open"] as const;

export type Profile = (typeof PROFILES)[number];
