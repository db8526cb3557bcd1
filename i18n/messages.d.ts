import type messages from "../messages/en.json";
import type { locale } from "./locale";

declare module "next-intl" {
  interface AppConfig {
    Locale: typeof locale;
    Messages: typeof messages;
  }
}
