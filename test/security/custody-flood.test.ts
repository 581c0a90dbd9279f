import { defineAttacks } from "./suite.js";

// In a file of its own: while devkit takes them in, nothing else can be looked at.
defineAttacks([
  {
    name: "20,000 branches",
    script: `git commit -q --allow-empty -m x; oid=$(git rev-parse HEAD)
      seq 20000 | sed "s|.*|create refs/heads/junk/& $oid|" | git update-ref --stdin`,
  },
]);
