import { createWaker } from "../../../../src/adapters/fs/waker.js";

// Has a file made some seconds from now by whoever is woken.
const [file = "", made = "", afterMs = ""] = process.argv.slice(2);
await createWaker(file).wake(["touch", made], new Date(Date.now() + Number(afterMs)));
process.stdout.write("ready\n");
setInterval(() => undefined, 60_000);
