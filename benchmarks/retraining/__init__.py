"""The closed loop: how much of its accuracy a model keeps when its world changes, and what that takes."""
