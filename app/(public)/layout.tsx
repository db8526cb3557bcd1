import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import { PublicFrame } from "@/components/public/public-frame";

export default function PublicLayout({ children }: { children: ReactNode }) {
  const t = useTranslations("site");
  const words = {
    skip: t("skip"),
    navigation: t("navigation"),
    integrations: t("integrations"),
    open: t("open"),
    toDark: t("toDark"),
    toLight: t("toLight"),
    footer: t("footer", { brand: brand.name }),
    support: t("support"),
  };
  return <PublicFrame words={words}>{children}</PublicFrame>;
}
