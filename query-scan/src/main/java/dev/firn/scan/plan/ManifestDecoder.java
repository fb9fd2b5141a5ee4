package dev.firn.scan.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the live entries of one manifest into columns, with what they inherit of the manifest
 * list: snapshot id, sequence numbers and first row ids. Confined to one thread.
 */
final class ManifestDecoder {
  private static final int ADDED = 1;

  private final ManifestFile manifest;
  private final ChunkBuilder builder;
  private final List<Chunk> chunks = new ArrayList<>();
  private long ordinal;
  private long nextRowId;

  /**
   * @param builder as new, and as new again afterwards unless decoding fails
   */
  ManifestDecoder(ManifestFile manifest, ChunkBuilder builder) {
    this.manifest = manifest;
    this.builder = builder;
    Long first = manifest.firstRowId();
    this.nextRowId = first == null ? 0 : first;
  }

  /**
   * Decodes the bytes of the manifest.
   *
   * @throws DamagedManifestException where they do not decode
   * @throws UnsupportedManifestException where Iceberg may know what this does not
   */
  Manifest decode(byte[] bytes) {
    try (AvroFile file = AvroFile.open(bytes)) {
      EntryDecoder entries = new EntryDecoder(file.schema(), builder);
      AvroInput in = new AvroInput();
      int start = builder.used();
      while (file.next(builder)) {
        in.reset(builder.buffer(), start, builder.used());
        for (long i = file.count(); i > 0; i--) {
          entry(entries.read(in), entries.status());
        }
        if (!in.atEnd()) {
          throw new DamagedManifestException("a block is longer than its entries");
        }
        if (builder.row() >= ChunkBuilder.CHUNK_ROWS) {
          finishChunk();
        }
        start = builder.used();
      }
    } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new DamagedManifestException("its entries do not decode: " + e.getMessage(), e);
    }
    finishChunk();
    builder.reuse();
    return new Manifest(manifest.path(), manifest.partitionSpecId(), chunks);
  }

  private void finishChunk() {
    @Nullable Chunk chunk = builder.finish();
    if (chunk != null) {
      chunks.add(chunk);
    }
  }

  private void entry(boolean live, long status) {
    long position = ordinal++;
    if (!live) {
      builder.dropRow();
      return;
    }
    int row = builder.row();
    builder.longs(LongField.ORDINAL).put(row, position);
    inherit(LongField.SNAPSHOT_ID, manifest.snapshotId());
    if (manifest.sequenceNumber() == 0 || status == ADDED) {
      inherit(LongField.DATA_SEQUENCE, manifest.sequenceNumber());
      inherit(LongField.FILE_SEQUENCE, manifest.sequenceNumber());
    }
    LongStage firstRowId = builder.longs(LongField.FIRST_ROW_ID);
    if (manifest.firstRowId() == null || manifest.content() == ManifestContent.DELETES) {
      firstRowId.clear(row);
    } else if (!firstRowId.has(row)) {
      firstRowId.put(row, nextRowId);
      nextRowId += builder.longs(LongField.RECORD_COUNT).get(row);
    }
    builder.nextRow();
  }

  private void inherit(LongField field, @Nullable Long value) {
    LongStage stage = builder.longs(field);
    if (value != null && !stage.has(builder.row())) {
      stage.put(builder.row(), value);
    }
  }
}
