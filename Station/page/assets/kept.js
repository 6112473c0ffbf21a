/** What a person chose on this screen, kept over a reload. A browser that keeps nothing is no error. */
export function kept(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch { /* private window, or storage switched off */ }
}
