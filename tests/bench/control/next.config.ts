import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

/** The control: the least that the same Next can serve. */
export default {
  poweredByHeader: false,
  turbopack: { root: fileURLToPath(new URL("../../..", import.meta.url)) },
} satisfies NextConfig;
