package dev.firn.scan.plan;

import dev.firn.scan.plan.PartitionStage.Physical;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ByteBuffers;
import org.apache.iceberg.util.UUIDUtil;
import org.jspecify.annotations.Nullable;

/** A builder of a {@link Manifest} from files as Iceberg's reader gives them. */
final class RowsToChunks {
  private final ManifestFile manifest;
  private final ChunkBuilder builder = new ChunkBuilder();
  private final List<Chunk> chunks = new ArrayList<>();

  RowsToChunks(ManifestFile manifest) {
    this.manifest = manifest;
  }

  void add(ContentFile<?> file) {
    int row = builder.row();
    put(LongField.ORDINAL, file.pos());
    put(LongField.CONTENT, (long) file.content().id());
    put(LongField.RECORD_COUNT, file.recordCount());
    put(LongField.FILE_SIZE, file.fileSizeInBytes());
    put(LongField.DATA_SEQUENCE, file.dataSequenceNumber());
    put(LongField.FILE_SEQUENCE, file.fileSequenceNumber());
    put(LongField.FIRST_ROW_ID, file.firstRowId());
    Integer order = file.sortOrderId();
    put(LongField.SORT_ORDER, order == null ? null : Long.valueOf(order));
    put(builder.path(), file.location().getBytes(StandardCharsets.UTF_8));
    put(builder.format(), file.format().toString().getBytes(StandardCharsets.UTF_8));
    ByteBuffer key = file.keyMetadata();
    if (key != null) {
      put(builder.keyMetadata(), ByteBuffers.toByteArray(key));
    }
    List<Long> offsets = file.splitOffsets();
    if (offsets != null) {
      builder.beginSplitOffsets();
      offsets.forEach(builder::addSplitOffset);
    }
    List<Integer> ids = file.equalityFieldIds();
    if (ids != null) {
      builder.beginEqualityIds();
      ids.forEach(builder::addEqualityId);
    }
    if (file instanceof DeleteFile delete) {
      String referenced = delete.referencedDataFile();
      if (referenced != null) {
        put(builder.referenced(), referenced.getBytes(StandardCharsets.UTF_8));
      }
      put(LongField.CONTENT_OFFSET, delete.contentOffset());
      put(LongField.CONTENT_SIZE, delete.contentSizeInBytes());
    }
    partition(file.partition());
    statistics(file, row);
    builder.nextRow();
    if (builder.row() >= ChunkBuilder.CHUNK_ROWS) {
      finishChunk();
    }
  }

  private void put(LongField field, @Nullable Long value) {
    if (value != null) {
      builder.longs(field).put(builder.row(), value);
    }
  }

  private void put(LongStage stage, byte[] bytes) {
    stage.put(builder.row(), builder.add(bytes));
  }

  private void statistics(ContentFile<?> file, int row) {
    counts(file.columnSizes(), Statistic.COLUMN_SIZES, row);
    counts(file.valueCounts(), Statistic.VALUE_COUNTS, row);
    counts(file.nullValueCounts(), Statistic.NULL_COUNTS, row);
    counts(file.nanValueCounts(), Statistic.NAN_COUNTS, row);
    bounds(file.lowerBounds(), Statistic.LOWER_BOUNDS, row);
    bounds(file.upperBounds(), Statistic.UPPER_BOUNDS, row);
  }

  private void counts(@Nullable Map<Integer, Long> counts, Statistic statistic, int row) {
    if (counts != null) {
      MapStage stage = builder.statistics(statistic);
      stage.begin(row);
      counts.forEach((id, count) -> stage.stage(stage.slot(id, 0)).put(row, count));
    }
  }

  private void bounds(@Nullable Map<Integer, ByteBuffer> bounds, Statistic statistic, int row) {
    if (bounds != null) {
      MapStage stage = builder.statistics(statistic);
      stage.begin(row);
      bounds.forEach(
          (id, bound) ->
              stage.stage(stage.slot(id, 0)).put(row, builder.add(ByteBuffers.toByteArray(bound))));
    }
  }

  private void partition(StructLike partition) {
    List<Types.NestedField> fields = ((PartitionData) partition).getPartitionType().fields();
    for (int i = 0; i < fields.size(); i++) {
      Object value = partition.get(i, Object.class);
      if (value != null) {
        partition(fields.get(i).fieldId(), value);
      }
    }
  }

  private void partition(int id, Object value) {
    if (value instanceof Boolean bit) {
      partition(id, Physical.BOOLEAN, bit ? 1 : 0);
    } else if (value instanceof Integer number) {
      partition(id, Physical.INT, number);
    } else if (value instanceof Long number) {
      partition(id, Physical.LONG, number);
    } else if (value instanceof Float number) {
      partition(id, Physical.FLOAT, Float.floatToRawIntBits(number));
    } else if (value instanceof Double number) {
      partition(id, Physical.DOUBLE, Double.doubleToRawLongBits(number));
    } else {
      partition(id, Physical.BYTES, builder.add(bytes(value)));
    }
  }

  private static byte[] bytes(Object value) {
    if (value instanceof CharSequence text) {
      return text.toString().getBytes(StandardCharsets.UTF_8);
    } else if (value instanceof BigDecimal number) {
      return number.unscaledValue().toByteArray();
    } else if (value instanceof UUID uuid) {
      return UUIDUtil.convert(uuid);
    } else if (value instanceof ByteBuffer buffer) {
      return ByteBuffers.toByteArray(buffer);
    }
    throw new DamagedManifestException("a partition value of " + value.getClass());
  }

  private void partition(int id, Physical physical, long value) {
    builder.partition(id, physical).put(builder.row(), value);
  }

  private void finishChunk() {
    Chunk chunk = builder.finish();
    if (chunk != null) {
      chunks.add(chunk);
    }
  }

  Manifest finish() {
    finishChunk();
    return new Manifest(manifest.path(), manifest.partitionSpecId(), chunks);
  }
}
