import { Hono } from "hono";
import type { Standin } from "../standin";
export function createConnectUi(_nango: Standin): Hono { return new Hono(); }
