SAMPLE = 20_000
SUMS = "sums array<double>, counts array<bigint>, cost double, silhouette double"
NUMERIC = {"int", "bigint", "float", "double", "smallint", "tinyint"}


def choose_columns(table, step):
    kinds = dict(table.dtypes)
    for name in [step["idColumn"], *(step.get("columns") or [])]:
        if name not in kinds:
            raise JobError(f"no column '{name}' in {step['input']}; it has {', '.join(kinds)}")
    if not step.get("columns"):
        decimals = [name for name, kind in kinds.items() if kind.startswith("decimal") and name != step["idColumn"]]
        if decimals:
            raise JobError(
                f"column '{decimals[0]}' is of type {kinds[decimals[0]]}, which is not clustered; write it as double, or name"
                " the columns to use in 'columns'")
    columns = step.get("columns") or [name for name, kind in kinds.items() if kind in NUMERIC and name != step["idColumn"]]
    for name in columns:
        if kinds[name] not in NUMERIC | {"boolean"}:
            raise JobError(f"column '{name}' has type {kinds[name]}; expected a numeric column")
    if not columns:
        raise JobError(f"{step['input']} has no numeric column")
    return columns


def quoted(name):
    return F.col("`" + name.replace("`", "``") + "`")


def measured(table, columns, step):
    """Returns the number of rows, the columns with missing values filled, and their means and population standard deviations."""
    fill = step.get("fill")
    numbers = [quoted(name).cast("double") for name in columns]
    missing = [number.isNull() | F.isnan(number) for number in numbers]
    if fill is not None:
        numbers = [F.when(gone, F.lit(float(fill))).otherwise(number) for gone, number in zip(missing, numbers)]
    facts = [
        one for index, number in enumerate(numbers)
        for one in (F.avg(number).alias(f"m{index}"), F.stddev_pop(number).alias(f"s{index}"), F.min(number).alias(f"l{index}"),
                    F.max(number).alias(f"h{index}"), F.count(F.when(missing[index], 1)).alias(f"n{index}"))]
    row = table.agg(F.count("*").alias("rows"), *facts).first()
    if row["rows"] == 0:
        raise JobError(f"{step['input']} has no rows")
    for index, name in enumerate(columns):
        if fill is None and row[f"n{index}"]:
            raise JobError(f"column '{name}' is null or NaN in {row[f'n{index}']} rows; set fill, or exclude the column")
    mean = np.array([row[f"m{index}"] for index in range(len(columns))])
    spread = np.array([0.0 if row[f"l{i}"] == row[f"h{i}"] else row[f"s{i}"] for i in range(len(columns))])
    return row["rows"], numbers, mean, spread


def matrix(batch):
    column = batch.column(batch.schema.get_field_index("x"))
    return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)


def squares(points, centers):
    """Returns squared distances: one row per point, one column per center."""
    found = (points**2).sum(axis=1)[:, None] - 2 * points @ centers.T + (centers**2).sum(axis=1)
    return np.maximum(found, 0)


def sums_by(centers):
    def work(batches):
        sums, counts, cost, silhouette = np.zeros(centers.shape), np.zeros(len(centers), dtype=np.int64), 0.0, 0.0
        for batch in batches:
            points = matrix(batch)
            distances = squares(points, centers)
            nearest = distances.argmin(axis=1)
            counts += np.bincount(nearest, minlength=len(centers))
            np.add.at(sums, nearest, points)
            cost += distances[np.arange(len(points)), nearest].sum()
            if len(centers) > 1:
                near = np.sqrt(np.partition(distances, 1, axis=1)[:, :2])
                silhouette += ((near[:, 1] - near[:, 0]) / np.maximum(near[:, 1], 1e-300)).sum()
        yield pa.RecordBatch.from_pylist(
            [{"sums": sums.ravel().tolist(), "counts": counts.tolist(), "cost": float(cost), "silhouette": float(silhouette)}],
            schema=pa.schema([
                ("sums", pa.list_(pa.float64())), ("counts", pa.list_(pa.int64())), ("cost", pa.float64()),
                ("silhouette", pa.float64())]))

    return work


def sweep(points, centers):
    """Returns sums and counts by center, the cost, and the mean simplified silhouette over all rows."""
    rows = points.select("x").mapInArrow(sums_by(centers), SUMS).collect()
    sums = sum(np.array(row["sums"]).reshape(centers.shape) for row in rows)
    counts = sum(np.array(row["counts"]) for row in rows)
    return sums, counts, sum(row["cost"] for row in rows), sum(row["silhouette"] for row in rows) / max(1, counts.sum())


def farthest(points, centers, count):
    """Returns the points farthest from their centers, which replace the centers of empty segments."""

    def work(batches):
        kept = np.empty((0, centers.shape[1]))
        for batch in batches:
            kept = np.vstack([kept, matrix(batch)])
            kept = kept[np.argsort(-squares(kept, centers).min(axis=1), kind="stable")[:count]]
        schema = pa.schema([("x", pa.list_(pa.float64()))])
        yield pa.RecordBatch.from_pylist([{"x": row.tolist()} for row in kept], schema=schema)

    rows = np.array([row["x"] for row in points.select("x").mapInArrow(work, "x array<double>").collect()])
    return rows[np.argsort(-squares(rows, centers).min(axis=1), kind="stable")[:count]]


def start(sample, clusters, seed, restarts):
    """Returns the best result of several k-means++ runs on a sample."""
    best, lowest = None, math.inf
    for attempt in range(restarts):
        random = np.random.default_rng([seed, clusters, attempt])
        centers = sample[random.integers(len(sample))][None]
        nearest = squares(sample, centers)[:, 0]
        while len(centers) < clusters:
            total = nearest.sum()
            chosen = random.choice(len(sample), p=nearest / total) if total > 0 else random.integers(len(sample))
            centers = np.vstack([centers, sample[chosen]])
            nearest = np.minimum(nearest, squares(sample, centers[-1:])[:, 0])
        for _ in range(50):
            distances = squares(sample, centers)
            labels = distances.argmin(axis=1)
            counts = np.bincount(labels, minlength=clusters)
            moved = np.zeros_like(centers)
            np.add.at(moved, labels, sample)
            moved = np.where(counts[:, None] > 0, moved / np.maximum(counts, 1)[:, None], centers)
            done = np.abs(moved - centers).max() < 1e-4
            centers = moved
            if done:
                break
        cost = squares(sample, centers).min(axis=1).sum()
        if cost < lowest:
            best, lowest = centers, cost
    return best


def fit(points, centers, step, variance):
    """Runs Lloyd's iterations with the tolerance of the job file."""
    iterations, converged = 0, False
    while iterations < step["maxIterations"] and not converged:
        sums, counts, _, _ = sweep(points, centers)
        moved = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centers)
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            seeds = farthest(points, centers, len(empty))
            moved[empty[: len(seeds)]] = seeds
        iterations += 1
        converged = not len(empty) and ((moved - centers) ** 2).sum() <= step["tolerance"] * variance
        centers = moved
    _, counts, cost, silhouette = sweep(points, centers)
    kept = [index for index in np.argsort(-counts, kind="stable") if counts[index] > 0]
    return {
        "centers": centers[kept], "sizes": [int(counts[index]) for index in kept], "cost": float(cost),
        "silhouette": float(silhouette) if len(kept) > 1 else None, "iterations": iterations, "converged": bool(converged),
        "asked": len(centers)}


def best_number(models):
    """Returns the model with the highest silhouette, or with the most segments within 1 % of it. Avoids models with a segment under 1 % of
    the rows."""
    solid = [model for model in models if min(model["sizes"]) >= 0.01 * sum(model["sizes"])] or models
    highest = max(model["silhouette"] or 0 for model in solid)
    return max((model for model in solid if (model["silhouette"] or 0) >= 0.99 * highest), key=lambda model: model["asked"])


def initial_centers(spark, step, columns):
    uri = hadoop_path(step["initialCenters"])
    text = Files(spark).read(uri)
    if text is None:
        raise JobError(f"{step['initialCenters']} does not exist")
    found = json.loads(text)
    rows = found["centersOriginal"] if isinstance(found, dict) else found
    if isinstance(found, dict) and found["columns"] != columns:
        raise JobError(f"{step['initialCenters']} has the columns {', '.join(found['columns'])}")
    rows = np.array(rows, dtype=float)
    if rows.shape != (step["clusters"], len(columns)):
        raise JobError(f"{step['initialCenters']}: expected {step['clusters']} centers of {len(columns)} numbers")
    return rows


def label(traits, taken):
    """Returns a unique label for a segment: its most distinctive traits, one phrase per topic."""
    phrases, topics = [], set()
    for trait in sorted(traits, key=lambda one: -(one["z"] if one["z"] > 0 else -0.7 * one["z"])):
        high, low, topic = PHRASES.get(trait["column"], (f"high {trait['column']}", f"low {trait['column']}", trait["column"]))
        if abs(trait["z"]) >= 0.35 and topic not in topics:
            topics.add(topic)
            phrases.append(high if trait["z"] > 0 else low)
    for count in range(min(2, len(phrases)), min(4, len(phrases)) + 1):
        words = ", ".join(phrases[:count]) or "typical users"
        if words not in taken:
            return words
    return next(f"{words} ({number})" for number in range(2, len(taken) + 3) if f"{words} ({number})" not in taken)


def model_of(model, columns, mean, scale, spread, overall, step):
    original = model["centers"] * scale + mean
    rows, segments = sum(model["sizes"]), []
    for index, size in enumerate(model["sizes"]):
        traits = [
            {"column": name, "value": float(original[index][at]), "overall": float(overall[at]),
             "z": float((original[index][at] - overall[at]) / spread[at])}
            for at, name in enumerate(columns) if spread[at] > 0]
        traits.sort(key=lambda one: -abs(one["z"]))
        words = label(traits[:8], {one["label"] for one in segments})
        segments.append(
            {"segment": index, "size": size, "share": size / rows, "label": words, "distinctive": traits[:8]})
    return {
        "columns": columns, "mean": mean.tolist(), "scale": scale.tolist(), "standardize": step["standardize"],
        "centers": model["centers"].tolist(), "centersOriginal": original.tolist(), "sizes": model["sizes"],
        "cost": model["cost"], "iterations": model["iterations"], "converged": model["converged"], "seed": step["seed"],
        "silhouette": model["silhouette"], "silhouetteMethod": "simplified", "requestedClusters": model["asked"],
        "segments": segments}


def assign_to(centers, id_column):
    schema = pa.schema([(id_column, pa.string()), ("segment", pa.int32()), ("distance", pa.float64())])

    def work(batches):
        for batch in batches:
            distances = squares(matrix(batch), centers)
            nearest = distances.argmin(axis=1)
            columns = [
                batch.column(0).cast(pa.string()), pa.array(nearest, pa.int32()),
                pa.array(np.sqrt(distances[np.arange(len(nearest)), nearest]))]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return work


def segment_step(spark, step):
    files = Files(spark)
    output, id_column = files.output(hadoop_path(step["output"])), step["idColumn"]
    table = spark.read.parquet(*files.inputs(hadoop_path(step["input"])))
    columns = choose_columns(table, step)
    if table.where(quoted(id_column).isNull()).limit(1).count():
        raise JobError(f"column '{id_column}' contains null; every row needs an id")
    rows, numbers, overall, spread = measured(table, columns, step)
    mean = overall if step["standardize"] else np.zeros(len(columns))
    scale = np.where(spread > 0, spread, 1.0) if step["standardize"] else np.ones(len(columns))
    scaled = F.array(*[(number - float(m)) / float(s) for number, m, s in zip(numbers, mean, scale)])
    points = table.select(quoted(id_column).cast("string").alias("id"), scaled.alias("x")).persist(StorageLevel.MEMORY_AND_DISK)
    variance = float(((spread / scale) ** 2).mean())
    numbers_of = range(step["minClusters"], step["maxClusters"] + 1) if step["clusters"] == "auto" else [step["clusters"]]
    asked = [count for count in numbers_of if count <= rows]
    if not asked or step["clusters"] != "auto" and step["clusters"] > rows:
        raise JobError(f"expected at most as many clusters as rows ({rows})")
    models, sample = [], None
    for count in asked:
        if step.get("initialCenters"):
            centers = (initial_centers(spark, step, columns) - mean) / scale
        else:
            if sample is None:
                part = min(1.0, 1.2 * SAMPLE / rows)
                chosen = points.select("x") if part == 1.0 else points.select("x").sample(False, part, step["seed"])
                sample = np.array([row["x"] for row in chosen.collect()])
            if len(sample) < count:
                raise JobError(f"expected at most {len(sample)} clusters, the number of sampled rows, found {count}")
            centers = start(sample, count, step["seed"], step.get("restarts") or 12)
        models.append(fit(points, centers, step, variance))
    chosen = best_number(models) if step["clusters"] == "auto" else models[0]
    assigned = points.mapInArrow(
        assign_to(chosen["centers"], id_column), f"`{id_column.replace('`', '``')}` string, segment int, distance double")
    assigned.write.mode("overwrite").option("compression", "zstd").parquet(output)
    points.unpersist()
    model = model_of(chosen, columns, mean, scale, spread, overall, step)
    files.write(output.rstrip("/") + "/_model.json", json.dumps(model, indent=2, sort_keys=True) + "\n")
    values = {
        "clusters": len(model["sizes"]), "iterations": model["iterations"], "cost": model["cost"],
        "silhouette": model["silhouette"], "sizes": model["sizes"]}
    lines = [f"  {one['segment']}  {one['size']:>9,}  {one['share']:6.1%}  {one['label']}" for one in model["segments"]]
    return values, "\n".join([f"{len(lines)} segments of {rows:,} users", *lines])


STEPS["segment"] = segment_step
