import { Hono } from "hono";
import type { Standin } from "../standin";
export function createControl(_nango: Standin): Hono { return new Hono(); }
