package dev.firn.compaction.verify;

import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a live file.
 *
 * @param bytes of its own: of a deletion vector, its blob's
 * @param firstRowId of a data file
 * @param referenced the only data file that a delete file applies to
 * @param key tells deletion vectors in one file apart
 */
record Entry(
    FileContent content,
    String location,
    String key,
    long rows,
    long bytes,
    @Nullable Long firstRowId,
    @Nullable String referenced) {

  static Entry of(ContentFile<?> file) {
    if (file instanceof DeleteFile delete) {
      boolean vector = isVector(delete);
      Long content = delete.contentSizeInBytes();
      CharSequence referenced =
          delete.content() == FileContent.POSITION_DELETES
              ? ContentFileUtil.referencedDataFile(delete)
              : null;
      return new Entry(
          delete.content(),
          delete.location(),
          key(delete),
          delete.recordCount(),
          vector && content != null ? content : delete.fileSizeInBytes(),
          null,
          referenced == null ? null : referenced.toString());
    }
    return new Entry(
        FileContent.DATA,
        file.location(),
        file.location(),
        file.recordCount(),
        file.fileSizeInBytes(),
        ((DataFile) file).firstRowId(),
        null);
  }

  static boolean isVector(DeleteFile file) {
    return file.format() == FileFormat.PUFFIN;
  }

  static String key(ContentFile<?> file) {
    return file instanceof DeleteFile delete && isVector(delete)
        ? file.location() + "#" + delete.contentOffset()
        : file.location();
  }

  boolean isData() {
    return content == FileContent.DATA;
  }
}
