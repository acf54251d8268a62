/** Whether the terminal shows UTF-8, by the locale as every program reads it. Without a locale: yes, as pipes and CI do. */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale === undefined || locale === '' || /utf-?8/i.test(locale);
}

/** Our own dots between words as the terminal can show them; what others named stays as it is. */
export function asShown(env: Readonly<Record<string, string | undefined>>, text: string): string {
  return isUtf8(env) ? text : text.replaceAll(' · ', ' - ').replaceAll('… ', '... ');
}
