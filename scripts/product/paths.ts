import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Node's arguments for a TypeScript script that may import server-only modules. */
export const scriptArguments = ["--import", "tsx", "--conditions=react-server"];
