import { formatCidr, type Cidr } from "../../domain/egress/cidr.js";
import type { LabelledNetwork } from "../ports-engine.js";

/** The routes that are not those of the agents' own networks: nobody has to make way for these. */
export function foreignRoutes(routes: readonly Cidr[], networks: Iterable<LabelledNetwork>): Cidr[] {
  const own = new Set([...networks].filter(({ isRouted }) => isRouted === true).map(({ subnet }) => subnet));
  return routes.filter((route) => !own.has(formatCidr(route)));
}
