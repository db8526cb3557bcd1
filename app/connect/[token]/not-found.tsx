import { Link2Off } from "lucide-react";
import { useTranslations } from "next-intl";

/** The one refusal: of a link that was made for somebody else, and of one that never was. */
export default function LinkNotFound() {
  const t = useTranslations("invitation.refused");
  return (
    <div className="panel grid justify-items-center gap-1 px-6 py-14 text-center">
      <Link2Off size={22} aria-hidden="true" className="mb-2 text-ink-3" />
      <h1 className="text-base font-semibold">{t("title")}</h1>
      <p className="mb-3 max-w-96 text-sm text-ink-2">{t("text")}</p>
      <a href="/" className="btn">
        {t("home")}
      </a>
    </div>
  );
}
