// A link to a feed becomes a button that copies its address. Without this script it stays a link.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.copy");
  if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    location.assign(link.href);
    return;
  }
  const before = link.textContent;
  if (before === link.dataset.copied) return;
  link.textContent = link.dataset.copied;
  setTimeout(() => { link.textContent = before; }, 2000);
});
