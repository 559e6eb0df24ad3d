"""Option dictionaries for Apache ECharts, one chart per file: data in, plain dictionaries out.

Nothing in them is code, so any page that has ECharts can draw them; in SVG, text takes the page's colours.
"""
