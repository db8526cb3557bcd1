import { useTranslations } from "next-intl";
import { PublicZone } from "@/components/public/public-zone";

export default function NotFound() {
  const t = useTranslations("notFound");
  return (
    <PublicZone>
      <div className="mx-auto grid max-w-lg justify-items-center gap-1 px-6 py-28 text-center">
        <h1 className="text-title font-semibold tracking-[-0.02em]">{t("title")}</h1>
        <p className="mb-4 text-ink-2">{t("text")}</p>
        <a href="/" className="btn">
          {t("home")}
        </a>
      </div>
    </PublicZone>
  );
}
