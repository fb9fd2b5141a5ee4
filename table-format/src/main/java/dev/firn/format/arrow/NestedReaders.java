package dev.firn.format.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.ListType;
import org.apache.iceberg.types.Types.MapType;
import org.apache.iceberg.variants.Variant;
import org.apache.iceberg.variants.VariantMetadata;
import org.apache.iceberg.variants.VariantValue;
import org.jspecify.annotations.Nullable;

/** Readers of structs, lists in each layout, maps and variants. Stateless. */
final class NestedReaders {
  private NestedReaders() {}

  static @Nullable ColumnReader of(
      FieldVector vector, Type target, String column, DictionaryProvider dictionaries) {
    if (vector instanceof StructVector struct) {
      return switch (target.typeId()) {
        case STRUCT ->
            new StructReader(
                target.asStructType(), struct.getChildrenFromFields(), column + ".", dictionaries);
        case VARIANT -> variants(struct);
        default -> null;
      };
    }
    if (vector instanceof MapVector map) {
      return target.isMapType() ? maps(map, target.asMapType(), column, dictionaries) : null;
    }
    Elements elements = target.isListType() ? elements(vector) : null;
    return elements == null ? null : lists(elements, target.asListType(), column, dictionaries);
  }

  /** Where the elements of each list lie in the child vector. */
  private record Elements(FieldVector data, IntUnaryOperator start, IntUnaryOperator end) {}

  private static @Nullable Elements elements(FieldVector vector) {
    if (vector instanceof BaseListVector v) {
      FieldVector data = v.getChildrenFromFields().get(0);
      return new Elements(data, v::getElementStartIndex, v::getElementEndIndex);
    } else if (vector instanceof LargeListVector v) {
      return new Elements(
          v.getDataVector(),
          i -> (int) v.getElementStartIndex(i),
          i -> (int) v.getElementEndIndex(i));
    }
    return null;
  }

  private static ColumnReader lists(
      Elements vector, ListType target, String column, DictionaryProvider dictionaries) {
    String path = column + ".element";
    ColumnReader elements =
        ColumnReaders.of(vector.data(), target.elementType(), path, dictionaries);
    boolean required = target.isElementRequired();
    return index -> {
      int start = vector.start().applyAsInt(index);
      int end = vector.end().applyAsInt(index);
      List<@Nullable Object> list = new ArrayList<>(end - start);
      for (int i = start; i < end; i++) {
        list.add(checked(elements.read(i), required, path, target.elementType()));
      }
      return list;
    };
  }

  private static @Nullable Object checked(
      @Nullable Object value, boolean required, String path, Type type) {
    if (value == null && required) {
      throw new Misfit(path, "required " + type, null);
    }
    return value;
  }

  private static ColumnReader maps(
      MapVector vector, MapType target, String column, DictionaryProvider dictionaries) {
    List<FieldVector> entry = vector.getDataVector().getChildrenFromFields();
    String keyPath = column + ".key";
    String valuePath = column + ".value";
    ColumnReader keys = ColumnReaders.of(entry.get(0), target.keyType(), keyPath, dictionaries);
    ColumnReader values =
        ColumnReaders.of(entry.get(1), target.valueType(), valuePath, dictionaries);
    boolean required = target.isValueRequired();
    return index -> {
      int end = vector.getElementEndIndex(index);
      Map<Object, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = vector.getElementStartIndex(index); i < end; i++) {
        Object key = keys.read(i);
        if (key == null) {
          throw new Misfit(keyPath, "required " + target.keyType(), null);
        }
        map.put(key, checked(values.read(i), required, valuePath, target.valueType()));
      }
      return map;
    };
  }

  private static @Nullable ColumnReader variants(StructVector vector) {
    FieldVector metadataVector = vector.getChild("metadata");
    FieldVector valueVector = vector.getChild("value");
    if (metadataVector == null || valueVector == null || vector.size() != 2) {
      return null;
    }
    ColumnReaders.ByteReader metadata = ColumnReaders.bytes(metadataVector);
    ColumnReaders.ByteReader value = ColumnReaders.bytes(valueVector);
    if (metadata == null || value == null) {
      return null;
    }
    return index -> {
      VariantMetadata names = VariantMetadata.from(littleEndian(metadata.read(index)));
      return Variant.of(names, VariantValue.from(names, littleEndian(value.read(index))));
    };
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
