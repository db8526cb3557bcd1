import { BookOpen, ExternalLink, Lock, Shield, UserRound } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { brand } from "@/brand";
import type { OAuthMethod } from "@/lib/api/views";
import { authKindOf } from "@/lib/catalogue/card";
import type { Manifest } from "@/lib/catalogue/manifest";

/** `method`: how it is connected; left out where that is not known, as on a page that was made when the app was built. */
type Props = { manifest: Manifest; method?: OAuthMethod | null };

/** What to have ready, what the provider will be asked for, and where the access can be taken away again. */
export function BeforeYouConnect({ manifest, method }: Props) {
  const t = useTranslations("before");
  const asked = manifest.oauth?.default_scopes.map((scope) => manifest.scopes[scope]).filter(Boolean) ?? [];
  const kind = authKindOf(manifest.auth_mode);
  return (
    <>
      <section className="panel" aria-labelledby="before-title">
        <div className="panel-title">
          <h2 id="before-title">{t("title")}</h2>
        </div>
        <ul>
          {manifest.prerequisites.map(({ title, detail }) => (
            <Fact key={title} icon={<UserRound size={15} aria-hidden="true" />} title={title}>
              {detail}
            </Fact>
          ))}
          {asked.length > 0 ? (
            <Fact icon={<Shield size={15} aria-hidden="true" />} title={t("asks")}>
              <ul className="list-disc pl-4">
                {asked.map((words) => (
                  <li key={words}>{words}</li>
                ))}
              </ul>
            </Fact>
          ) : kind === "oauth" ? (
            <Fact icon={<Shield size={15} aria-hidden="true" />} title={t("asks")}>
              {t("asksThere", { name: manifest.name })}
            </Fact>
          ) : null}
          {method === "nango" ? (
            <Fact icon={<Lock size={15} aria-hidden="true" />} title={t("kept")}>
              {t("keptText", { brand: brand.name })}
            </Fact>
          ) : method === "direct" ? (
            <Fact icon={<Lock size={15} aria-hidden="true" />} title={t("keptHere")}>
              {t("keptHereText", { brand: brand.name, name: manifest.name })}
            </Fact>
          ) : null}
        </ul>
      </section>
      <section className="panel" aria-label={t("links")}>
        <ul>
          {manifest.revocation_url ? (
            <OutLink
              href={manifest.revocation_url}
              icon={<ExternalLink size={15} aria-hidden="true" />}
              title={t("remove", { name: manifest.name })}
            />
          ) : null}
          <OutLink
            href={manifest.docs_url}
            icon={<BookOpen size={15} aria-hidden="true" />}
            title={t("docs", { name: manifest.name })}
          />
        </ul>
      </section>
    </>
  );
}

const line = "flex gap-2.5 border-b border-line px-4 py-3 last:border-b-0";

function Fact({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <li className={line}>
      <span className="mt-[3px] flex-none text-ink-2">{icon}</span>
      <div className="min-w-0">
        <h3 className="text-sm font-medium">{title}</h3>
        <div className="wrap-any text-sm text-ink-2">{children}</div>
      </div>
    </li>
  );
}

function OutLink({ href, icon, title }: { href: string; icon: ReactNode; title: string }) {
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        href={href}
        target="_blank"
        rel="noopener noreferrer"
        className="flex gap-2.5 rounded-xl px-4 py-3 hover:bg-hover"
      >
        <span className="mt-[3px] flex-none text-ink-2">{icon}</span>
        <span className="min-w-0">
          <span className="block text-sm font-medium">{title}</span>
          <span className="wrap-any block text-sm text-ink-2">{new URL(href).hostname}</span>
        </span>
      </a>
    </li>
  );
}
