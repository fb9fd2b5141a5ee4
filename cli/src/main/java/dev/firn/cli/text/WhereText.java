package dev.firn.cli.text;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.NullValue;
import net.sf.jsqlparser.expression.StringValue;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.parser.TokenMgrException;
import net.sf.jsqlparser.schema.Column;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;

/**
 * The filter of {@code --where}: a condition in SQL over one table's columns as an Iceberg
 * expression. Knows comparisons of a column with a literal, BETWEEN, IN, IS NULL, LIKE with a
 * prefix, AND, OR, NOT and parentheses; refuses the rest, pointing to {@code firn sql}. One use.
 */
public final class WhereText {
  private final String text;
  private final WhereLiterals literals;

  private WhereText(String text, Schema schema) {
    this.text = text;
    this.literals = new WhereLiterals(text, schema);
  }

  /**
   * Parses a condition over {@code schema}'s columns, nested ones by dotted path, unusual names in
   * double quotes.
   *
   * @throws FirnException (invalid) showing the position of what is wrong
   */
  public static org.apache.iceberg.expressions.Expression parse(String text, Schema schema) {
    return new WhereText(text, schema).parse();
  }

  private org.apache.iceberg.expressions.Expression parse() {
    if (text.isBlank()) {
      throw FirnException.invalid(
          "Cannot read filter: it is empty, expected a condition such as \"id > 10\"");
    }
    CCJSqlParser parser = new CCJSqlParser(new StringProvider(text));
    try {
      Expression condition = parser.Expression();
      Token rest = parser.getNextToken();
      if (rest.kind != 0) {
        throw unreadable(rest.beginColumn, "'" + rest.image + "' is not expected here");
      }
      return convert(condition);
    } catch (ParseException e) {
      Token at = e.currentToken == null ? null : e.currentToken.next;
      throw at == null || at.kind == 0
          ? unreadable(text.length() + 1, "it ends too early")
          : unreadable(at.beginColumn, "'" + at.image + "' is not expected here");
    } catch (TokenMgrException e) {
      throw unreadable(1, "a quote is not closed, or a character is no SQL");
    }
  }

  private FirnException unreadable(int column, String why) {
    return FirnException.invalid(
        "Cannot read filter %s at position %d: %s, expected a condition such as id > 10 AND name = 'x' (names with unusual characters in double quotes)"
            .formatted(text, column, why));
  }

  private org.apache.iceberg.expressions.Expression convert(Expression node) {
    if (node instanceof AndExpression and) {
      return Expressions.and(convert(and.getLeftExpression()), convert(and.getRightExpression()));
    }
    if (node instanceof OrExpression or) {
      return Expressions.or(convert(or.getLeftExpression()), convert(or.getRightExpression()));
    }
    if (node instanceof NotExpression not) {
      return Expressions.not(convert(not.getExpression()));
    }
    if (node instanceof ParenthesedExpressionList<?> group && group.size() == 1) {
      return convert(group.get(0));
    }
    return predicate(node);
  }

  private org.apache.iceberg.expressions.Expression predicate(Expression node) {
    if (node instanceof LikeExpression like) {
      return like(like);
    }
    if (node instanceof ComparisonOperator comparison) {
      return compare(comparison);
    }
    if (node instanceof Between between) {
      return between(between);
    }
    if (node instanceof InExpression in) {
      return in(in);
    }
    if (node instanceof IsNullExpression isNull) {
      String column = column(isNull.getLeftExpression());
      boolean not = isNull.isNot() || isNull.isUseNotNull();
      return not ? Expressions.notNull(column) : Expressions.isNull(column);
    }
    if (node instanceof IsBooleanExpression is && !is.isNot()) {
      return Expressions.equal(column(is.getLeftExpression()), is.isTrue());
    }
    if (literals.isBoolean(node)) {
      return literals.value(node, null).equals(true)
          ? Expressions.alwaysTrue()
          : Expressions.alwaysFalse();
    }
    if (node instanceof Column) {
      return Expressions.equal(column(node), true);
    }
    throw literals.unsupported(node);
  }

  private org.apache.iceberg.expressions.Expression compare(BinaryExpression comparison) {
    Expression left = comparison.getLeftExpression();
    Expression right = comparison.getRightExpression();
    String operator = comparison.getStringExpression().replaceAll("\\s", "");
    if (literals.isColumn(left)) {
      return compare(comparison, operator, left, right);
    }
    if (!literals.isColumn(right)) {
      throw literals.unsupported(left);
    }
    String flipped =
        switch (operator) {
          case "<" -> ">";
          case "<=" -> ">=";
          case ">" -> "<";
          case ">=" -> "<=";
          default -> operator;
        };
    return compare(comparison, flipped, right, left);
  }

  private org.apache.iceberg.expressions.Expression compare(
      Expression whole, String operator, Expression of, Expression with) {
    String column = column(of);
    if (with instanceof NullValue) {
      throw literals.wrong(whole, "a comparison with NULL is never true", "IS NULL or IS NOT NULL");
    }
    Object value = literals.value(with, column);
    return switch (operator) {
      case "=", "==" -> Expressions.equal(column, value);
      case "<>", "!=" -> Expressions.notEqual(column, value);
      case "<" -> Expressions.lessThan(column, value);
      case "<=" -> Expressions.lessThanOrEqual(column, value);
      case ">" -> Expressions.greaterThan(column, value);
      case ">=" -> Expressions.greaterThanOrEqual(column, value);
      default -> throw literals.unsupported(whole);
    };
  }

  private org.apache.iceberg.expressions.Expression between(Between between) {
    String column = column(between.getLeftExpression());
    org.apache.iceberg.expressions.Expression range =
        Expressions.and(
            Expressions.greaterThanOrEqual(
                column, literals.value(between.getBetweenExpressionStart(), column)),
            Expressions.lessThanOrEqual(
                column, literals.value(between.getBetweenExpressionEnd(), column)));
    return between.isNot() ? Expressions.not(range) : range;
  }

  private org.apache.iceberg.expressions.Expression in(InExpression in) {
    if (!(in.getRightExpression() instanceof ParenthesedExpressionList<?> list)) {
      throw literals.unsupported(in);
    }
    String column = column(in.getLeftExpression());
    List<Object> values = new ArrayList<>();
    for (Expression element : list) {
      if (element instanceof NullValue) {
        throw literals.wrong(in, "NULL is never in a list", "values, and IS NULL beside them");
      }
      values.add(literals.value(element, column));
    }
    return in.isNot() ? Expressions.notIn(column, values) : Expressions.in(column, values);
  }

  private org.apache.iceberg.expressions.Expression like(LikeExpression like) {
    boolean plain =
        like.getLikeKeyWord() == LikeExpression.KeyWord.LIKE
            && like.getEscape() == null
            && !like.isUseBinary();
    if (!plain || !(like.getRightExpression() instanceof StringValue pattern)) {
      throw literals.unsupported(like);
    }
    String column = column(like.getLeftExpression());
    String wanted = literals.string(pattern);
    boolean open = wanted.endsWith("%");
    String prefix = open ? wanted.substring(0, wanted.length() - 1) : wanted;
    if (prefix.contains("%") || prefix.contains("_") || prefix.isEmpty()) {
      throw literals.wrong(
          like,
          "LIKE knows a prefix alone here",
          "LIKE 'abc%'; 'firn sql' has LIKE with any pattern");
    }
    if (!open) {
      return like.isNot()
          ? Expressions.notEqual(column, prefix)
          : Expressions.equal(column, prefix);
    }
    return like.isNot()
        ? Expressions.notStartsWith(column, prefix)
        : Expressions.startsWith(column, prefix);
  }

  private String column(Expression node) {
    if (node instanceof ParenthesedExpressionList<?> group && group.size() == 1) {
      return column(group.get(0));
    }
    if (!literals.isColumn(node)) {
      throw literals.unsupported(node);
    }
    return literals.column((Column) node);
  }
}
