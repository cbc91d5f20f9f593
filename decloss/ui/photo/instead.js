// Shows another picture instead of the photo, or none, as the server says: see check_photo in panel.py. If the visitor
// chose the next photo before the answer came, that one stays.

(instead, photo) => {
  if (!instead || photo?.path !== instead.of) return { __type__: "update" };
  const { path } = instead;
  if (!path) return null;
  const url = photo.url.replace(/file=.*/s, () => `file=${path}`);
  return { ...photo, path, url, orig_name: "image.png", mime_type: "image/png", size: null };
}
