package dev.firn.cli.command;

import dev.firn.SortTerm;
import dev.firn.compaction.Compaction;
import dev.firn.error.FirnException;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which order rows come out of a compaction; one at most. */
final class CompactOrder {
  @Option(
      names = "--sort",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "TERMS",
      description =
          "Sort by the table's sort order, or by terms with asc|desc [nulls first|last], separated by commas.")
  @Nullable String sort;

  @Option(
      names = "--zorder",
      split = ",",
      paramLabel = "COLUMN",
      description = "Lay rows along the Z-order curve of 2 to 8 columns.")
  @Nullable List<String> zOrder;

  @Option(
      names = "--hilbert",
      split = ",",
      paramLabel = "COLUMN",
      description = "Lay rows along Hilbert's curve through 2 to 8 columns.")
  @Nullable List<String> hilbert;

  Compaction on(Compaction compaction, Schema schema) {
    if (zOrder != null) {
      return compaction.zOrderBy(zOrder);
    }
    if (hilbert != null) {
      return compaction.hilbertBy(hilbert);
    }
    return sort == null || sort.isEmpty()
        ? compaction.sorted()
        : compaction.sortBy(order(sort, schema));
  }

  private static SortOrder order(String terms, Schema schema) {
    SortOrder.Builder order = SortOrder.builderFor(schema);
    // Commas within bucket(16, id) stay.
    for (String text : terms.split(",(?![^(]*\\))", -1)) {
      SortTerm term = SortTerm.parse(text.strip());
      try {
        if (term.direction() == SortDirection.ASC) {
          order.asc(term.term(), term.nulls());
        } else {
          order.desc(term.term(), term.nulls());
        }
      } catch (ValidationException e) {
        throw FirnException.invalid(
            "Cannot sort by '%s': %s".formatted(text.strip(), e.getMessage()));
      }
    }
    return order.build();
  }
}
