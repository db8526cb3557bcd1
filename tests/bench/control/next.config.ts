import { parse } from "node:path";
import type { NextConfig } from "next";

/** The control: the least that the same Next can serve. It is built outside the project (see ../servers.ts). */
export default {
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: parse(process.cwd()).root },
} satisfies NextConfig;
