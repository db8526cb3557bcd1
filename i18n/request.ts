import { getRequestConfig } from "next-intl/server";
import messages from "@/messages/en.json";
import { locale } from "./locale";

/**
 * Reads nothing of the request (no header, no cookie), so that pages which use words can stay static.
 * Times are drawn in UTC on the server; the browser then shows its own zone (components/ui/relative-time).
 */
export default getRequestConfig(() => ({ locale, messages, timeZone: "UTC" }));
